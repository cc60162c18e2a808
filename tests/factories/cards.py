"""Printed identity cards, and the officers who scan them, for tests."""

from datetime import date

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import new_key
from backend.core.transactions import transaction
from healthcode.codes import actions
from healthcode.codes.actions import Issued
from healthcode.codes.outcomes import ReadResult
from healthcode.itinerary.models import Place
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.itinerary import make_place

BORN = date(1950, 3, 7)


def make_officer(name: str = "铜仁站卡口", *, region: str = "520602") -> Acting:
    """An officer of a checkpoint."""
    office = make_organisation(name, kind=OrganisationKind.CHECKPOINT, region=region)
    return make_acting(office, role=Role.OFFICER)


def begin_shift(officer: Acting, *, hours: int = 8, name: str = "铜仁站东门", region: str = "520602") -> Place:
    """The officer's own place, at which a shift begins."""
    place, _ = make_place(officer, name=name, region=region)
    with transaction():
        actions.open_shift(place_id=place.id, hours=hours, by=officer)
    return place


def print_card(person: Person, by: Acting) -> Issued:
    """A new card of one person."""
    with transaction():
        (issued,) = actions.issue_cards(people=[person], by=by)
    return issued


def show_card(text: str, officer: Acting, key: str = "") -> ReadResult:
    """An officer scans a card."""
    with transaction():
        return actions.show_card(text=text, by=officer, request_key=key or new_key().hex)
