"""Who of a roster is whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.models import Account, Person
from backend.accounts.rules import ClaimReason, HoldingState, Relation
from backend.core.db import db
from backend.core.errors import Invalid, TooMany
from backend.core.transactions import transaction
from healthcode.transfers import actions, queries
from healthcode.transfers.actions import ClaimOutcome
from healthcode.transfers.models import Entry
from tests.conftest import Travel
from tests.factories import rosters
from tests.factories.accounts import make_agreeing_account, resident_id
from tests.factories.transfers import confirm, departs, make_roster, roster_file, send

pytestmark = pytest.mark.usefixtures("app", "clock")


def claim(account: Account, name: str, number: str, region: str | None = None, **more: object) -> ClaimOutcome:
    given: dict[str, object] = {"relation": Relation.SELF, "until": None} | more
    with transaction():
        return actions.claim(
            account=account,
            name=name,
            resident_id=number,
            region_code=region,
            **given,  # type: ignore[arg-type]
        )


def of_roster(at: int) -> tuple[str, str]:
    line = list(rosters.lines(at + 1))[at]
    return str(line[1]), str(line[3])


def test_name_and_number_of_a_roster_join_the_row_to_the_person() -> None:
    make_roster(3)
    name, number = of_roster(1)

    outcome = claim(make_agreeing_account(), name, number)

    assert outcome.holding.state is HoldingState.CONFIRMED
    assert outcome.message == "登记成功，请申报今天的健康状况。"
    entry, trip, transfer = queries.entries_of_person(outcome.holding.person_id)[0]
    assert entry.number == 2
    assert trip.vehicle == "贵D00000"
    assert transfer.title == "铜仁赴昆山专车"


def test_a_name_typed_with_spaces_and_a_small_x_is_the_same() -> None:
    make_roster(40)
    name, number = next(pair for pair in map(of_roster, range(40)) if pair[1].endswith("X"))

    outcome = claim(make_agreeing_account(), f" {name[0]} {name[1:]}", number.lower())

    assert outcome.holding.state is HoldingState.CONFIRMED


def test_a_wrong_name_is_answered_like_an_unknown_number() -> None:
    make_roster(3)
    _, number = of_roster(1)
    account = make_agreeing_account()

    answers = []
    for typed in (number, resident_id(region="522201")):
        with pytest.raises(Invalid) as refusal:
            claim(account, "王不对", typed)
        answers.append((refusal.value.code, refusal.value.message, refusal.value.fields))
    assert answers[0] == answers[1]
    with_region = [claim(account, "王不对", typed, "520602") for typed in (number, resident_id(region="522201"))]
    assert with_region[0].message == with_region[1].message
    assert {outcome.holding.reason for outcome in with_region} == {ClaimReason.NOT_ON_ROSTER}


def test_a_second_account_waits_for_the_clerk_and_the_first_goes_on() -> None:
    _, origin, _ = make_roster(3)
    name, number = of_roster(0)
    first = claim(make_agreeing_account(), name, number)

    second = claim(make_agreeing_account(), name, number, relation=Relation.SELF)

    assert second.holding.person_id == first.holding.person_id
    assert (second.holding.state, second.holding.reason) == (HoldingState.PENDING, ClaimReason.HELD_ALREADY)
    assert second.holding.region_code == origin.region_code
    db.session.refresh(first.holding)
    assert first.holding.state is HoldingState.CONFIRMED


def test_five_tries_an_hour() -> None:
    account = make_agreeing_account()
    for _ in range(5):
        with pytest.raises(Invalid):
            claim(account, "王不对", resident_id())
    with pytest.raises(TooMany) as refusal:
        claim(account, "王不对", resident_id())
    assert refusal.value.retry_after


@pytest.mark.parametrize(
    ("name", "number", "field"),
    [
        ("王", "520602199001011234", "name"),
        ("王不对", "520602199001011234", "resident_id"),
        ("王不对", "", "resident_id"),
    ],
)
def test_impossible_names_and_numbers_say_which_field(name: str, number: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        claim(make_agreeing_account(), name, number, "520602")
    assert field in refusal.value.fields


def test_a_child_is_registered_by_family(clock: Travel) -> None:
    child = resident_id(born="20140101")
    with pytest.raises(Invalid) as refusal:
        claim(make_agreeing_account(), "王小小", child, "520602")
    assert refusal.value.code == "transfers.claim_minor"

    until = clock() + timedelta(days=10)
    outcome = claim(make_agreeing_account(), "王小小", child, "520602", relation=Relation.FAMILY, until=until)
    assert outcome.holding.state is HoldingState.PENDING


def test_a_clerks_confirmation_joins_rows_that_came_meanwhile(deliver_all: Callable[[], int]) -> None:
    transfer, origin, _ = make_roster(1)
    name, number = of_roster(1)
    stated = [claim(make_agreeing_account(), name, number, "520602") for _ in range(2)]
    waiting = send(transfer, origin, roster_file(rosters.lines(2, departs=departs())))
    confirm(waiting, origin)
    assert db.session.scalar(select(Entry.person_id).where(Entry.number == 2)) is None, "two of them: a clerk decides"

    with transaction():
        accounts.decide_claim(holding_id=stated[0].holding.id, by=origin, confirm=True, note="电话核实")
    deliver_all()

    assert db.session.scalar(select(Entry.person_id).where(Entry.number == 2)) == stated[0].holding.person_id
    assert db.session.get_one(Person, stated[0].holding.person_id).verified_at is not None
