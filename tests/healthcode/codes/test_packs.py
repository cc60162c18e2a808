"""Codes for stretches without a network: who gets them, how long they are good, what denies them, whom they name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as clocks
from backend.core.db import db, new_key
from backend.core.errors import Conflict, NotFound, TooMany
from backend.core.transactions import transaction
from healthcode.codes import actions, cwt, keys, pseudonyms, queries
from healthcode.codes.actions.packs import PACKS_AN_HOUR
from healthcode.codes.models import Pack, Reading
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import PACK_LIFE, SLOT, Basis, Colour, DecisionKind, Fault, Outcome, Symptom
from healthcode.codes.tasks import expire
from tests.conftest import NOON, Travel
from tests.factories.accounts import make_account, make_acting, make_organisation, make_person
from tests.factories.codes import account_of, claims_of, declare, denied, give_pack, heads_of, show

LATER = timedelta(hours=1, minutes=5)


@pytest.fixture
def officer(person: Person) -> Acting:
    del person
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    return make_acting(station, role=Role.OFFICER)


def scan(text: str, by: Acting, *, key: str = "", waited: timedelta = timedelta(0)) -> ReadResult:
    with transaction():
        return actions.read_code(text=text, by=by, place_id=None, request_key=key or new_key().hex, waited=waited)


def test_a_green_code_gets_a_quarter_of_an_hour_each_for_four_hours(person: Person, clock: Travel) -> None:
    declare(person)
    clock.shift(timedelta(minutes=7))
    codes = give_pack(person)
    assert [code.good_from for code in codes] == [NOON + SLOT * number for number in range(16)]
    assert all(code.expires_at == code.good_from + SLOT for code in codes)
    assert codes[-1].expires_at <= clocks.now() + PACK_LIFE
    for code in codes:
        claims = claims_of(code)
        assert (claims.colour, claims.good_from, claims.expires_at) == (Colour.GREEN, code.good_from, code.expires_at)


def test_a_pack_never_lasts_longer_than_the_colour(person: Person, clock: Travel) -> None:
    declare(person)
    clock.shift(timedelta(hours=22, minutes=40))
    assert give_pack(person)[-1].expires_at == NOON + timedelta(hours=24)
    clock.shift(timedelta(hours=1, minutes=19, seconds=30))
    with pytest.raises(Conflict):
        give_pack(person)


@pytest.mark.parametrize("declared", [{"temperature": 380}, {"contact": True}, {"symptoms": [Symptom.COUGH]}])
def test_yellow_and_red_get_none(person: Person, declared: dict[str, Any]) -> None:
    declare(person, **declared)
    with pytest.raises(Conflict, match="只有绿码"):
        give_pack(person)


def test_grey_and_strangers_get_none(person: Person) -> None:
    with pytest.raises(Conflict):
        give_pack(person)
    with pytest.raises(NotFound):
        queries.get_display(account_id=make_account().id, person_id=person.id, at=clocks.now())
    assert db.session.scalar(select(func.count()).select_from(Pack)) == 0


def test_asking_twice_with_one_key_is_one_pack(person: Person, clock: Travel) -> None:
    declare(person)
    first = give_pack(person, request_key="pack-0001")
    clock.shift(LATER)
    again = give_pack(person, request_key="pack-0001")
    assert [claims_of(code).code_id for code in again] == [claims_of(code).code_id for code in first[4:]]
    assert db.session.scalar(select(func.count()).select_from(Pack)) == 1


def test_nobody_fills_a_phone_with_packs(person: Person) -> None:
    declare(person)
    for _ in range(PACKS_AN_HOUR):
        give_pack(person)
    with pytest.raises(TooMany):
        give_pack(person)


def test_no_two_codes_of_different_quarters_have_anything_in_common_but_what_the_card_shows(
    person: Person, clock: Travel
) -> None:
    declare(person)
    other = make_person(name="石桂英")
    clock.shift(timedelta(minutes=3, seconds=11))
    declare(other)
    packs = [[claims_of(code) for code in give_pack(one)] for one in (person, other)]
    everyone = [claims for pack in packs for claims in pack]
    assert len({claims.subject for claims in everyone}) == len({claims.code_id for claims in everyone}) == 32
    assert {claims.until for claims in everyone} == {None}
    # All that were issued in this quarter bear the same date, so that it leads from none to another.
    assert {claims.issued_at for claims in everyone} == {NOON}
    assert not {claims.subject for claims in everyone} & {person.id.bytes, other.id.bytes}
    assert [pseudonyms.person_of(claims) for claims in packs[0]] == [person.id] * 16


def test_a_code_that_is_shown_at_once_names_nobody_either(person: Person, clock: Travel) -> None:
    declare(person)
    first = cwt.read(show(person).text, keys.find_verifier)
    clock.shift(SLOT)
    second = cwt.read(show(person).text, keys.find_verifier)
    assert len({first.subject, second.subject, person.id.bytes}) == 3
    assert {pseudonyms.person_of(one) for one in (first, second)} == {person.id}
    assert first.until is second.until is None


def by_fever(person: Person) -> None:
    declare(person, temperature=380)


def by_contact(person: Person) -> None:
    declare(person, contact=True)


def by_measurement(person: Person) -> None:
    office = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    with transaction():
        actions.measure_by_code(
            text=show(person).text,
            by=make_acting(office, role=Role.OFFICER),
            place_id=None,
            temperature=379,
            request_key=new_key().hex,
            waited=timedelta(0),
        )


def by_decision(person: Person) -> None:
    office = make_organisation()
    with transaction():
        proposed = actions.propose_decision(
            person=person,
            kind=DecisionKind.ORDER,
            colour=Colour.RED,
            rule=None,
            basis=Basis.QUARANTINE,
            reason="与确诊病例同乘一车，须医学观察。",
            days=14,
            by=make_acting(office),
        )
    with transaction():
        actions.approve_decision(decision=proposed, by=make_acting(office))


@pytest.mark.parametrize("turn", [by_fever, by_contact, by_measurement, by_decision])
def test_turning_from_green_denies_what_is_left_of_the_pack(
    person: Person, clock: Travel, turn: Callable[[Person], None]
) -> None:
    declare(person)
    other = make_person(name="石桂英")
    declare(other)
    codes, others = give_pack(person), give_pack(other)
    clock.shift(LATER)
    assert denied() == set()
    turn(person)
    assert denied() == heads_of(codes[4:])
    assert not denied() & heads_of(others)
    with pytest.raises(Conflict):
        give_pack(person)
    clock.shift(PACK_LIFE)
    assert denied() == set()


def test_who_turns_before_it_was_written_down_that_the_colour_was_green_again_is_denied_as_well(
    person: Person, clock: Travel
) -> None:
    declare(person, temperature=380)
    clock.shift(timedelta(hours=1))
    declare(person)
    clock.shift(timedelta(hours=23, minutes=5))
    codes = give_pack(person)
    by_measurement(person)
    assert denied() == heads_of(codes)


def test_an_end_by_itself_denies_nothing(person: Person, clock: Travel) -> None:
    declare(person)
    clock.shift(timedelta(hours=23))
    give_pack(person)
    clock.shift(LATER)
    expire()
    assert queries.status_of(person).colour is Colour.GREY
    assert denied() == set()


def test_who_is_green_again_has_codes_that_are_not_denied(person: Person, clock: Travel) -> None:
    declare(person)
    give_pack(person, request_key="pack-0001")
    declare(person, temperature=380)
    clock.shift(timedelta(hours=24, minutes=1))
    declare(person)
    give_pack(person, request_key="pack-0002")
    assert denied() == set()
    with pytest.raises(Conflict, match="已作废"):
        give_pack(person, request_key="pack-0001")


def test_in_the_quarter_in_which_a_pack_was_denied_there_is_no_other(
    person: Person, officer: Acting, clock: Travel
) -> None:
    """Its codes would bear the pseudonyms that officers' phones were told to refuse."""
    declare(person)
    give_pack(person)
    declare(person, temperature=386)
    for minutes in (2, 13):
        clock.set(NOON + timedelta(minutes=minutes))
        with transaction():
            actions.measure_by_code(
                text=show(person).text,
                by=officer,
                place_id=None,
                temperature=365,
                request_key=new_key().hex,
                waited=timedelta(0),
            )
    assert queries.status_of(person).colour is Colour.GREEN
    with pytest.raises(Conflict, match="一刻钟"):
        give_pack(person)
    clock.shift(timedelta(minutes=2))
    codes = give_pack(person)
    assert not heads_of(codes) & denied()


def test_an_offline_scan_finds_its_person_when_it_is_sent_later(person: Person, officer: Acting, clock: Travel) -> None:
    declare(person)
    codes = give_pack(person)
    clock.shift(timedelta(days=2))
    waited = clocks.now() - (codes[8].good_from + timedelta(minutes=5))
    declare(person)
    told = [scan(codes[8].text, officer, key="offline-0001", waited=waited) for _ in range(2)]
    assert told[0].outcome is told[1].outcome is Outcome.PASSES
    assert told[0].issuer == "520600"
    (reading,) = db.session.scalars(select(Reading)).all()
    assert (reading.person_id, reading.code_id) == (person.id, claims_of(codes[8]).code_id)


def test_a_replayed_offline_code_is_seen(person: Person, officer: Acting, clock: Travel) -> None:
    declare(person)
    code = give_pack(person)[0]
    assert scan(code.text, officer).warning == ""
    clock.shift(timedelta(minutes=2))
    station = make_organisation("昆山站卡口", kind=OrganisationKind.CHECKPOINT, region="320583")
    assert "另一处" in scan(code.text, make_acting(station, role=Role.OFFICER)).warning


@pytest.mark.parametrize(
    ("minutes", "fault", "outcome"),
    [
        (-3, Fault.NOT_YET, Outcome.CANNOT_BE_CHECKED),
        (-1, None, Outcome.PASSES),
        (0, None, Outcome.PASSES),
        (16, None, Outcome.PASSES),
        (18, None, Outcome.OUT_OF_DATE),
    ],
)
def test_a_code_is_good_in_its_quarter_and_a_minute_around_it(
    person: Person, officer: Acting, clock: Travel, minutes: int, fault: Fault | None, outcome: Outcome
) -> None:
    declare(person)
    code = give_pack(person)[4]
    clock.set(code.good_from + timedelta(minutes=minutes))
    told = scan(code.text, officer)
    assert (told.fault, told.outcome) == (fault, outcome)


def test_a_person_who_turned_red_is_refused_online_whatever_the_code_says(
    person: Person, officer: Acting, clock: Travel
) -> None:
    declare(person)
    code = give_pack(person)[0]
    clock.shift(timedelta(minutes=1))
    declare(person, contact=True)
    told = scan(code.text, officer)
    assert (told.outcome, told.colour) == (Outcome.REFUSED, Colour.RED)
    assert "亮码后由绿码变为红码" in told.reason


def test_a_pack_row_says_whose_it_is_and_no_pseudonym(person: Person) -> None:
    declare(person)
    give_pack(person)
    (pack,) = db.session.scalars(select(Pack)).all()
    assert (pack.person_id, pack.account_id) == (person.id, account_of(person).id)
    assert isinstance(pack.person_id, UUID)


def test_the_issuer_is_the_government_that_sends_the_person_else_that_of_where_they_are(person: Person) -> None:
    declare(person)
    assert cwt.read(show(person).text, keys.find_verifier).issuer == "520600"
    with transaction():
        actions.declare(
            person=person,
            account_id=account_of(person).id,
            temperature=365,
            symptoms=(),
            contact=False,
            abroad=False,
            request_key=new_key().hex,
            sent_from="320583",
        )
    assert cwt.read(show(person).text, keys.find_verifier).issuer == "320583"
    assert {claims_of(code).issuer for code in give_pack(person)} == {"320583"}
    assert keys.issuer_for("320583") == "320583"
    assert keys.issuer_for("520602") == keys.issuer_for("330106") == "520600"


def test_a_key_that_retired_is_good_for_packs_that_it_signed_before(person: Person, clock: Travel) -> None:
    declare(person)
    codes = give_pack(person)
    with transaction():
        actions.rotate_issuer_key("520600", timedelta(minutes=10))
    clock.shift(timedelta(hours=3))
    keys.forget()
    old, new = claims_of(codes[12]), cwt.read(show(person).text, keys.find_verifier)
    assert old.good_from == clocks.now() == new.issued_at
    assert claims_of(give_pack(person)[0]).issuer == "520600"
