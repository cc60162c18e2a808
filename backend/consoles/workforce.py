"""The enterprise's pages: whom it employs of which transfer, fit or unfit, and who started work.

And the bank's: how many people work for an enterprise, never fewer than ten.
"""

from datetime import date, datetime, time
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import OrganisationKind, Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, NotFound, Refused
from healthcode.transfers import actions, queries
from healthcode.transfers.employing import LEAST_SHOWN, START_NAMES, Starting, StartKind
from healthcode.transfers.queries.employing import PAGE
from healthcode.transfers.rules import ENDED, STATE_NAMES

blueprint = pages("workforce", __name__, Role.EMPLOYER, path="/workforce")
counts = pages("on_duty", __name__, Role.SUPERVISOR, path="/on-duty")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The transfers with people for this enterprise."""
    rows = queries.list_employed(seen_by=current_office())
    return render_template("console/workforce.html", rows=rows, state_names=STATE_NAMES)


def _page(transfer_id: UUID, refused: Refused | None = None, outcomes: dict[UUID, str] | None = None) -> str:
    transfer = queries.get_employed(transfer_id, seen_by=current_office())
    after = request.args.get("after", "")
    people = queries.list_employees(
        transfer, seen_by=current_office(), after=int(after) if after.isascii() and after.isdecimal() else None
    )
    actions.note_employees_read(employees=people, by=current_office())
    return render_template(
        "console/workforce_people.html",
        transfer=transfer,
        people=people,
        onward=people[-1].entry.number if len(people) == PAGE else None,
        may_write=transfer.state not in ENDED,
        outcomes=outcomes or {},
        start_names=START_NAMES,
        today=clock.today(),
        key=uuid4().hex,
        refused=refused,
    )


@blueprint.get("/<uuid:transfer_id>/")
def show(transfer_id: UUID) -> ResponseReturnValue:
    """The people of one transfer."""
    return _page(transfer_id)


@blueprint.post("/<uuid:transfer_id>/starts")
@shows_again(_page)
def start(transfer_id: UUID) -> ResponseReturnValue:
    """Write down who of those ticked started."""
    transfer = queries.get_employed(transfer_id, seen_by=current_office())
    day, training = _day("day", "上岗日期"), typed("training")
    starting = [
        Starting(
            entry_id=_uuid(one),
            day=day,
            certificate=typed(f"certificate_{one}"),
            certificate_until=_day(f"until_{one}", "健康证明有效期"),
            training=training,
        )
        for one in request.form.getlist("entry_id")
    ]
    outcomes = actions.confirm_starts(transfer=transfer, starting=starting, key=_key(), by=current_office())
    refused = {entry_id: why for entry_id, why in outcomes.items() if why}
    if taken := len(outcomes) - len(refused):
        flash(f"已登记 {taken} 人上岗，本人会收到通知。")
    if not refused:
        return redirect(url_for("workforce.show", transfer_id=transfer_id))
    return _page(transfer_id, outcomes=refused)


@blueprint.post("/<uuid:transfer_id>/others")
@shows_again(_page)
def otherwise(transfer_id: UUID) -> ResponseReturnValue:
    """Say that somebody didn't start, or take back what was said."""
    transfer = queries.get_employed(transfer_id, seen_by=current_office())
    kind = StartKind.UNDONE if typed("kind") == StartKind.UNDONE else StartKind.ABSENT
    entry_id = _uuid(typed("entry_id"))
    actions.say_otherwise(
        transfer=transfer, entry_id=entry_id, kind=kind, words=typed("words"), key=_key(), by=current_office()
    )
    flash("已撤销登记，本人会收到通知。" if kind is StartKind.UNDONE else "已登记没有上岗，两地人社部门会看到。")
    return redirect(url_for("workforce.show", transfer_id=transfer_id))


def _key() -> str:
    return typed("key")[:64] or uuid4().hex


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Invalid("consoles.person", "请从页面上的名单里选择人。") from wrong


def _day(name: str, label: str) -> date:
    try:
        return date.fromisoformat(typed(name))
    except ValueError as wrong:
        raise Invalid("consoles.day", f"请选择{label}。", fields={name: "请选择日期。"}) from wrong


@counts.get("/")
def on_duty() -> ResponseReturnValue:
    """For banks: how many work for which enterprise, as of the end of yesterday. Refuses: NotFound to other offices."""
    if current_office().kind is not OrganisationKind.BANK:
        raise NotFound
    before = datetime.combine(clock.today(), time(), clock.SHANGHAI)
    rows = queries.count_on_duty(before=before)
    return render_template("console/on_duty.html", rows=rows, before=before, least=LEAST_SHOWN)
