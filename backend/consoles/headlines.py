"""The headline numbers of a government: by day, from where to where, registered poor households; and their rows.

They are extras: under overload they give way, and the start page's exceptions stay.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend.accounts.acting import Acting
from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.guard import current_office
from backend.consoles.maps import map_of
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import naming
from backend.core import clock
from backend.core.errors import Invalid, NotFound
from backend.core.redis import kept
from backend.core.requests import extra
from backend.regions import names as regions
from healthcode.transfers.models import Transfer, Trip
from healthcode.transfers.queries.numbers import (
    COUNT_NAMES,
    Count,
    OfDay,
    Poor,
    count_by_day,
    count_poor,
    days_shown,
    list_recent,
    trips_by_id,
)
from healthcode.transfers.rules import RUNNING

blueprint = extra(pages("headlines", __name__, Role.OFFICIAL, path="/headlines"))

MOST_ENTERPRISES = 10
KEPT_SECONDS = 15
NAMELESS = "没有填企业"


class Share(NamedTuple):
    """Registered poor households of one destination or enterprise, and how many all are."""

    name: str
    key: str
    planned: int
    boarded: int
    on_duty: int
    everybody: int
    everybody_on_duty: int

    @property
    def share(self) -> str:
        """Of all who are planned."""
        return _percent(self.planned, self.everybody)

    @property
    def share_on_duty(self) -> str:
        """Of all who are on duty."""
        return _percent(self.on_duty, self.everybody_on_duty)


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "—"


@blueprint.get("/")
def figures() -> ResponseReturnValue:
    """The numbers as a fragment of the start page, of some seconds ago at most: what all of an office ask for at once
    is reckoned once.
    """
    office = current_office()
    return kept(f"headlines:{office.organisation_id}", KEPT_SECONDS, lambda: _figures(office))


def _figures(office: Acting) -> str:
    transfers = list_recent(seen_by=office)
    poor = count_poor(transfers)
    enterprises = _shares(poor, lambda one: one.enterprise, lambda key: key or NAMELESS)
    return render_template(
        "console/headlines.html",
        days=_days(count_by_day(transfers)),
        count_names=COUNT_NAMES,
        today=clock.today(),
        now=clock.now(),
        map=map_of([one for one in transfers if one.state in RUNNING]),
        poor=_shares(poor, lambda _: "", lambda _: "合计"),
        destinations=_shares(poor, lambda one: one.destination_region, regions.short_name),
        enterprises=enterprises[:MOST_ENTERPRISES],
        more_enterprises=max(0, len(enterprises) - MOST_ENTERPRISES),
        **naming(),
    )


def _days(counted: Iterable[OfDay]) -> list[tuple[date, dict[Count, int]]]:
    by_day: dict[date, Counter[Count]] = defaultdict(Counter)
    for one in counted:
        by_day[one.day][one.count] += one.people
    return [(day, {count: by_day[day][count] for count in Count}) for day in days_shown()]


def _shares(poor: Iterable[Poor], key: Callable[[Poor], str], name: Callable[[str], str]) -> list[Share]:
    groups: dict[str, list[Poor]] = defaultdict(list)
    for one in poor:
        groups[key(one)].append(one)
    shares = [
        Share(
            name(group),
            group,
            planned=sum(one.planned for one in ones),
            boarded=sum(one.boarded for one in ones),
            on_duty=sum(one.on_duty for one in ones),
            everybody=sum(one.everybody for one in ones),
            everybody_on_duty=sum(one.everybody_on_duty for one in ones),
        )
        for group, ones in groups.items()
    ]
    return sorted((one for one in shares if one.planned), key=lambda one: (-one.planned, one.name))


class DayRow(NamedTuple):
    transfer: Transfer
    trip: Trip | None
    counts: dict[Count, int]


@blueprint.get("/days/<day>")
def of_day(day: str) -> ResponseReturnValue:
    """The vehicles behind a day's numbers. Refuses: NotFound for a day that isn't shown, Invalid for another count."""
    shown = _read_day(day)
    chosen = lists.choice_arg("count", Count)
    transfers = {one.id: one for one in list_recent(seen_by=current_office())}
    found: dict[tuple[UUID, UUID | None], Counter[Count]] = defaultdict(Counter)
    for one in count_by_day(list(transfers.values())):
        if one.day == shown and chosen in {None, one.count}:
            found[one.transfer_id, one.trip_id][one.count] += one.people
    trips = trips_by_id([trip_id for _, trip_id in found if trip_id])
    rows = [
        DayRow(transfers[transfer_id], trips.get(trip_id) if trip_id else None, dict(counts))
        for (transfer_id, trip_id), counts in found.items()
    ]
    rows.sort(key=lambda row: (row.transfer.id, row.trip.vehicle if row.trip else "￿"))
    return render_template(
        "console/headline_day.html", day=shown, chosen=chosen, rows=rows, count_names=COUNT_NAMES, **naming()
    )


def _read_day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as wrong:
        raise NotFound from wrong
    if day not in days_shown():
        raise NotFound
    return day


@blueprint.get("/poor")
def of_poor() -> ResponseReturnValue:
    """The transfers behind the numbers of registered poor households, of a destination or an enterprise if asked."""
    destination, enterprise = request.args.get("destination"), request.args.get("enterprise")
    if destination and not regions.find(destination):
        raise Invalid("consoles.filter", "页面里的选项不对，请回到首页重新选择。")
    transfers = {one.id: one for one in list_recent(seen_by=current_office())}
    chosen = [
        one
        for one in count_poor(list(transfers.values()))
        if destination in {None, "", one.destination_region} and enterprise in {None, one.enterprise}
    ]
    rows = [(transfers[one.transfer_id], one) for one in chosen if one.planned]
    rows.sort(key=lambda row: (row[0].title, -row[1].planned, row[1].enterprise))
    return render_template(
        "console/headline_poor.html",
        rows=rows,
        about=_about(destination, enterprise),
        nameless=NAMELESS,
        **naming(),
    )


def _about(destination: str | None, enterprise: str | None) -> Sequence[str]:
    told = [regions.full_name(destination) or destination] if destination else []
    return [*told, enterprise or NAMELESS] if enterprise is not None else told
