"""Transfers and rosters for tests."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from backend.accounts.acting import Acting
from backend.core.clock import local, now
from backend.core.db import db
from backend.core.transactions import transaction
from healthcode.transfers import actions, queries
from healthcode.transfers.actions import planning
from healthcode.transfers.models import RosterImport, Transfer
from healthcode.transfers.rules import BY_VEHICLES, MOVES, Side, State, TripState
from healthcode.transfers.tasks import carry_on, plan_trips
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation

TONGREN, KUNSHAN = "铜仁市人力资源和社会保障局", "昆山市人力资源和社会保障局"


def make_offices() -> tuple[Acting, Acting]:
    """An official of Tongren and one of Kunshan."""
    return make_acting(make_organisation(TONGREN)), make_acting(make_organisation(KUNSHAN, region="320583"))


def make_transfer(origin: Acting, destination: Acting, *, title: str = "铜仁赴昆山专车") -> Transfer:
    """A draft."""
    with transaction():
        return actions.create_transfer(title=title, destination_id=destination.organisation_id, by=origin)


def roster_file(lines: Iterable[Sequence[str | int]]) -> bytes:
    with TemporaryDirectory() as folder:
        return rosters.write_xlsx(Path(folder) / "roster.xlsx", lines).read_bytes()


def departs(day: date | None = None, *, at: str = "08:00") -> str:
    """A departure as clerks write it, today by the test's clock."""
    return f"{day or local(now()).date()} {at}"


def send(transfer: Transfer, by: Acting, content: bytes, name: str = "花名册.xlsx") -> RosterImport:
    """Upload a file and read it in this process."""
    with transaction():
        started = actions.start_import(transfer=transfer, file_name=name, content=content, by=by)
        import_id = started.id
    return go_on(import_id)


def go_on(import_id: UUID) -> RosterImport:
    """What a worker does with an import."""
    carry_on(import_id)
    for transfer_id in planning.find_unplanned():
        plan_trips(str(transfer_id))
    db.session.expire_all()
    return db.session.get_one(RosterImport, import_id)


def confirm(roster_import: RosterImport, by: Acting, *, remove_missing: bool = False) -> RosterImport:
    with transaction():
        actions.confirm_import(roster_import=roster_import, remove_missing=remove_missing, by=by)
    return go_on(roster_import.id)


def make_roster(count: int = 30, *, state: State = State.AGREED, at: str = "08:00") -> tuple[Transfer, Acting, Acting]:
    """A transfer with so many people on its roster, in a state; (transfer, origin, destination)."""
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    send(transfer, origin, roster_file(rosters.lines(count, departs=departs(at=at))))
    take_to(transfer, state, origin, destination)
    return transfer, origin, destination


def take_to(transfer: Transfer, state: State, origin: Acting, destination: Acting) -> None:
    """Take a transfer along its usual course to a state; its vehicles leave and arrive on the way."""
    while transfer.state is not state:
        with transaction():
            _take_on(transfer, origin, destination)


def _take_on(transfer: Transfer, origin: Acting, destination: Acting) -> None:
    order = list(State)
    to = order[order.index(transfer.state) + 1]
    by = origin if MOVES[transfer.state, to] is Side.ORIGIN else destination
    trips = queries.list_trips(transfer, limit=1000) if to in BY_VEHICLES else []
    for trip in trips:
        state = TripState.ON_THE_WAY if to is State.IN_TRANSIT else TripState.ARRIVED
        actions.move_trip(transfer=transfer, trip=trip, to=state, by=by, note="按计划发车", at=None)
    if not trips:
        actions.move_transfer(transfer=transfer, to=to, note="", by=by)
