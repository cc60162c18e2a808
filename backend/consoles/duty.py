"""The duty desk's rota: who answers urgent appeals at any hour, and the hours at which nobody would."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.forms import read_number, shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, Refused
from healthcode.codes import actions, queries
from healthcode.codes.duty_rules import SHOWN, gaps

blueprint = pages("duty", __name__, Role.OFFICIAL, path="/duty")

DAY = timedelta(days=1)
MOST_DAYS = 31


def _page(refused: Refused | None = None, **_: UUID) -> str:
    office, now = current_office(), clock.now()
    turns = queries.list_duty(seen_by=office, since=now, until=now + SHOWN)
    return render_template(
        "console/duty.html",
        turns=turns,
        gaps=gaps([(turn.since, turn.until) for turn in turns], now, now + SHOWN),
        own=office.organisation_name,
        now=now,
        today=clock.today(),
        refused=refused,
    )


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The next seven days, and a form for a turn."""
    return _page()


@blueprint.post("/")
@shows_again(_page)
def add() -> ResponseReturnValue:
    """Write a turn into the rota, the same on some days in a row if asked."""
    since, until = _moment("since"), _moment("until")
    days = int(read_number("days", "天数"))
    if not 1 <= days <= MOST_DAYS:
        raise Invalid("consoles.days", f"天数请填 1 到 {MOST_DAYS}。", fields={"days": f"1 到 {MOST_DAYS}。"})
    for day in range(days):
        actions.add_duty(
            since=since + day * DAY,
            until=until + day * DAY,
            first=(typed("first_name"), typed("first_phone")),
            second=(typed("second_name"), typed("second_phone")),
            by=current_office(),
        )
    flash("已安排值班。" if days == 1 else f"已安排 {days} 天值班。")
    return redirect(url_for("duty.index"))


def _moment(name: str) -> datetime:
    try:
        return datetime.fromisoformat(typed(name)).replace(tzinfo=clock.SHANGHAI)
    except ValueError as wrong:
        raise Invalid("consoles.moment", "请填写日期和时间。", fields={name: "请填写日期和时间。"}) from wrong


@blueprint.post("/<uuid:duty_id>/drop")
@shows_again(_page)
def drop(duty_id: UUID) -> ResponseReturnValue:
    """Take a turn of the own office out of the rota."""
    actions.drop_duty(duty_id=duty_id, by=current_office())
    flash("已取消这一班。")
    return redirect(url_for("duty.index"))
