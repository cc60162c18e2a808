"""What was erased each day because its time was over, whether the reports still say what was recorded, and what is
held for an authority.
"""

from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, Refused
from backend.privacy import actions, queries
from backend.privacy.rules import LONGEST_HOLD, WAY_NAMES, period

blueprint = pages("erasures", __name__, Role.ADMINISTRATOR, Role.SUPERVISOR, Role.OFFICIAL, path="/erasures")


holds = pages("holds", __name__, Role.ADMINISTRATOR, path="/erasures/holds")


def _page(refused: Refused | None = None, **_: object) -> str:
    rows = queries.list_reports(seen_by=current_office(), before=lists.key_arg("after"))
    kinds = queries.list_kinds()
    return render_template(
        "console/erasures.html",
        rows=rows,
        onward=rows[-1].id if len(rows) == queries.PAGE else None,
        kinds=kinds,
        titles={kind.name: kind.title for kind in kinds},
        held_kinds=queries.list_held_kinds(),
        holds=queries.list_holds(seen_by=current_office()),
        may_hold=current_office().role is Role.ADMINISTRATOR,
        today=clock.today(),
        longest=clock.today() + LONGEST_HOLD,
        way_names=WAY_NAMES,
        period=period,
        refused=refused,
    )


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The reports, newest first, what is held, and what is kept for how long."""
    return _page()


@holds.get("/")
def back() -> ResponseReturnValue:
    """Reloading after a refused form leads back to the page."""
    return redirect(url_for("erasures.index"))


@holds.post("/")
@shows_again(_page)
def hold() -> ResponseReturnValue:
    """Keep days of data that an authority has asked for in writing."""
    actions.hold(
        kind_name=typed("kind"),
        first=_day("first_day"),
        last=_day("last_day"),
        until=_day("until"),
        authority=typed("authority"),
        document=typed("document"),
        reason=typed("reason"),
        by=current_office(),
    )
    flash("已登记留存，到期自动恢复删除；监管部门和各地都能看到。")
    return redirect(url_for("erasures.index"))


@holds.post("/<uuid:hold_id>/end")
@shows_again(_page)
def lift(hold_id: UUID) -> ResponseReturnValue:
    """Let a hold end now."""
    actions.lift(hold_id=hold_id, by=current_office())
    flash("留存已解除，到期的数据在下一次删除时删去。")
    return redirect(url_for("erasures.index"))


def _day(name: str) -> date:
    try:
        return date.fromisoformat(typed(name))
    except ValueError as wrong:
        raise Invalid("consoles.day", "请选择日期。", fields={name: "请选择日期。"}) from wrong


@blueprint.get("/<uuid:report_id>")
def show(report_id: UUID) -> ResponseReturnValue:
    """One report line by line, compared with the evidence log."""
    judged = queries.judge_report(report_id, seen_by=current_office())
    titles = {kind.name: kind.title for kind in queries.list_kinds()}
    return render_template("console/erasure.html", judged=judged, report=judged.report, titles=titles)
