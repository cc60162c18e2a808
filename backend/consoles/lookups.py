"""Look-up at a checkpoint of people without a phone: a shift first, then a reason, then the verdict only."""

from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.checkpoint import as_seen_here
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, Refused
from backend.core.resident_id import check_resident_id, tidy_resident_id
from healthcode.codes import actions, queries
from healthcode.codes.lookup_rules import MOST_A_SHIFT, MOST_AN_HOUR, REASON_NAMES, TYPED_REASONS, LookupReason
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import COLOUR_NAMES, OUTCOME_NAMES
from healthcode.itinerary import queries as itinerary

blueprint = pages("lookups", __name__, Role.OFFICER, path="/lookups")

MOST_PLACES = 200


def _page(refused: Refused | None = None, result: ReadResult | None = None) -> str:
    office = current_office()
    shift = queries.find_shift(office)
    return render_template(
        "console/lookups.html",
        shift=shift,
        place=itinerary.get_place(shift.place_id, seen_by=office) if shift else None,
        places=[(place.id, place.name) for place, _ in itinerary.list_places(seen_by=office, limit=MOST_PLACES)],
        counts=queries.count_lookups(shift) if shift else (0, 0),
        most=(MOST_AN_HOUR, MOST_A_SHIFT),
        reasons=[(reason, REASON_NAMES[reason]) for reason in TYPED_REASONS],
        result=result,
        outcome_names=OUTCOME_NAMES,
        colour_names=COLOUR_NAMES,
        refused=refused,
    )


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The shift, and the form for a look-up while it is under way."""
    return _page()


@blueprint.post("/shift")
@shows_again(_page)
def open_shift() -> ResponseReturnValue:
    """Begin a shift."""
    actions.open_shift(place_id=_place(), hours=_hours(), by=current_office())
    flash("已上岗。")
    return redirect(url_for("lookups.index"))


def _hours() -> int:
    try:
        return int(typed("hours")[:4])
    except ValueError as wrong:
        raise Invalid("consoles.number", "时长请填 1 到 12 的整数。", fields={"hours": "1 到 12。"}) from wrong


def _place() -> UUID:
    try:
        return UUID(typed("place_id"))
    except ValueError as wrong:
        raise Invalid("consoles.place", "请选择上岗地点。", fields={"place_id": "请选择。"}) from wrong


@blueprint.post("/shift/end")
@shows_again(_page)
def end_shift() -> ResponseReturnValue:
    """End the shift."""
    actions.end_shift(by=current_office())
    flash("已下岗。")
    return redirect(url_for("lookups.index"))


@blueprint.post("/")
@shows_again(_page)
def look_up() -> ResponseReturnValue:
    """The verdict on one person."""
    return _page(
        result=as_seen_here(
            actions.look_up(asked=_asked(), reason=_reason(), words=typed("words"), by=current_office()),
            current_office(),
        )
    )


def _asked() -> actions.Asked:
    if number := tidy_resident_id(typed("resident_id")):
        return actions.Asked(resident_id=check_resident_id(number, today=clock.today()).number)
    name, phone = typed("name"), typed("phone")
    if not name or not phone:
        raise Invalid("consoles.asked", "请填写身份证号；没有身份证，就把姓名、出生日期和手机号都填上。")
    try:
        return actions.Asked(name=name, birth_date=date.fromisoformat(typed("birth_date")), phone=phone)
    except ValueError as wrong:
        raise Invalid("consoles.asked", "请填写出生日期。", fields={"birth_date": "请填写。"}) from wrong


def _reason() -> LookupReason:
    try:
        return LookupReason(typed("reason"))
    except ValueError as wrong:
        raise Invalid("consoles.reason", "请选择没有亮码的原因。", fields={"reason": "请选择。"}) from wrong
