"""The demo's data: loaded once, carried on where a start was stopped."""

import pytest
from sqlalchemy import func, select

from backend.accounts.models import Consent, Holding, Organisation
from backend.core.db import Model, db
from backend.local import story
from healthcode.codes.models import Card, Certificate, Declaration, NucleicTest, ResultList
from healthcode.itinerary.models import DeclaredTrip, Place, Sighting
from healthcode.transfers import queries
from healthcode.transfers.boarding import Standing
from healthcode.transfers.models import Entry, Ride, Transfer
from healthcode.transfers.rules import State

OFFICES = len({name for name, *_ in story.OFFICES})
KEPT: tuple[type[Model], ...] = (
    Organisation,
    Place,
    Transfer,
    Entry,
    Holding,
    Consent,
    Declaration,
    Sighting,
    Ride,
    DeclaredTrip,
    ResultList,
    NucleicTest,
    Certificate,
    Card,
)
FACTS = ("DeclaredTrip", "ResultList", "NucleicTest", "Certificate", "Card")


class Stopped(BaseException):
    """The process ends here."""


def counts() -> dict[str, int]:
    return {kind.__name__: db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in KEPT}


@pytest.mark.usefixtures("app", "clock")
def test_a_loading_that_was_stopped_is_carried_on_and_nothing_is_there_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    for step, times in (("_finish_import", 0), ("_claim", 7), ("_report", 9), ("_declare", 1)):
        _stop_at(step, times, monkeypatch)
    assert story.load()
    told = counts()
    assert (told["Organisation"], told["Place"], told["Transfer"]) == (OFFICES, len(story.PLACES), 1)
    assert (told["Entry"], told["Consent"]) == (72, 3 * told["Holding"])
    assert [told[fact] for fact in FACTS] == [1] * len(FACTS)
    assert db.session.scalars(select(Transfer.state)).one() is not State.DRAFT
    assert not story.load()
    assert counts() == told


@pytest.mark.usefixtures("app", "clock")
def test_the_first_coach_has_its_people_aboard() -> None:
    assert story.load()
    first, *others = queries.list_trips(db.session.scalars(select(Transfer)).one())
    standings = [passenger.standing for passenger in queries.list_passengers(first)]
    assert (len(standings), standings.count(Standing.ABOARD)) == (24, 22)
    assert not any(queries.has_rides(trip) for trip in others)


def _stop_at(step: str, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load until this step was done so many times, as a start that is killed there."""
    go_on, left = getattr(story, step), [None] * times

    def stop(*arguments: object) -> object:
        if not left:
            raise Stopped
        left.pop()
        return go_on(*arguments)

    with monkeypatch.context() as patched, pytest.raises(Stopped):
        patched.setattr(story, step, stop)
        story.load()
