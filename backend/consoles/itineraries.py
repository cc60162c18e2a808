"""One worker's line of time and map, as far as transfer and consent allow; each look is written down."""

from dataclasses import dataclass
from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions as accounts
from backend.accounts.queries import get_person
from backend.accounts.rules import Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import NOT_AGREED
from backend.consoles.workers import NOT_SHARED
from backend.core.config import settings
from backend.core.errors import Forbidden, NotFound, Refused
from backend.regions import names as regions
from backend.regions.maps import edition
from healthcode.itinerary.declared import Spot
from healthcode.transfers import queries
from healthcode.transfers.models import Entry, Transfer
from healthcode.transfers.queries import Timeline
from healthcode.transfers.queries.timeline import KIND_NAMES, Kind
from healthcode.transfers.rules import Needed

blueprint = pages("itineraries", __name__, Role.OFFICIAL, path="/workers/<uuid:entry_id>/itinerary")

FIELDS = ("14 天行程",)


@dataclass(frozen=True, slots=True)
class TrackMap:
    """What the map of one person shows: regions, not places."""

    timeline: Timeline
    edition: str
    review_number: str

    @property
    def flows(self) -> list[tuple[Spot, Spot, str]]:
        return [(way.start, way.end, way.said) for way in self.timeline.ways]

    @property
    def view(self) -> str:
        return regions.COUNTRY


def _allowed(entry_id: UUID) -> tuple[Entry, Transfer, Needed]:
    """The row, and what this office may see of it.

    Refuses: NotFound for other offices and for who hasn't registered; Forbidden where the person doesn't share, and
    before the destination has agreed to receive.
    """
    found, transfer = queries.get_entry(entry_id, seen_by=current_office())
    (line,) = queries.as_seen_by([found], transfer, current_office())
    if line.withheld:
        raise Forbidden("transfers.not_shared", NOT_SHARED)
    if not line.needed.details:
        raise Forbidden("transfers.not_agreed", NOT_AGREED)
    if line.entry.person_id is None:
        raise NotFound
    return line.entry, transfer, line.needed


def _page(entry_id: UUID, refused: Refused | None = None, timeline: Timeline | None = None) -> str:
    entry, transfer, _ = _allowed(entry_id)
    return render_template(
        "console/itinerary.html",
        entry=entry,
        transfer=transfer,
        timeline=timeline,
        map=TrackMap(timeline, edition(), settings().map_review_number) if timeline else None,
        kind_names=KIND_NAMES,
        seen=Kind.SEEN,
        purpose=typed("purpose"),
        refused=refused,
    )


@blueprint.get("/")
def ask(entry_id: UUID) -> ResponseReturnValue:
    """Why does the office want to see it?"""
    return _page(entry_id)


@blueprint.post("/")
@shows_again(_page)
def show(entry_id: UUID) -> ResponseReturnValue:
    """The line of time and the map, this once, for a reason that the worker reads."""
    entry, _, needed = _allowed(entry_id)
    purpose = accounts.check_purpose(typed("purpose"))
    accounts.log_access(subjects=[entry.resident_id_index], by=current_office(), purpose=purpose, fields=FIELDS)
    person = get_person(entry.person_id) if entry.person_id else None
    if person is None:
        return redirect(url_for("workers.show", entry_id=entry_id))
    timeline = queries.timeline_of(person, covers=needed.covers, seen_by=current_office())
    return _page(entry_id, timeline=timeline)
