"""Printed identity cards: who somebody is and never a colour; a shift, a limit, a meeting; lost, replaced, forged."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from backend.accounts import queries as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock as clocks
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Conflict, NotFound, TooMany
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes import actions, card_text, cwt, keys, queries
from healthcode.codes.actions import cards
from healthcode.codes.actions.showing import signer_for
from healthcode.codes.card_rules import CARD_LIFE, MOST_CARDS_AN_HOUR
from healthcode.codes.card_text import CardClaims, issue_card, read_card
from healthcode.codes.cose import Unreadable
from healthcode.codes.lookup_rules import MOST_AN_HOUR, LookupReason
from healthcode.codes.models import Card, Lookup, Reading
from healthcode.codes.rules import Colour, Fault, Outcome
from healthcode.itinerary.models import Sighting
from healthcode.itinerary.rules import Presence, Source
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_person
from tests.factories.cards import begin_shift, make_officer, print_card, show_card
from tests.factories.codes import declare, make_issuer_key, show


@pytest.fixture
def office(app: Application, clock: Travel) -> Acting:
    """An official who prints."""
    del app, clock
    make_issuer_key()
    return make_acting()


@pytest.fixture
def officer(office: Acting) -> Acting:
    del office
    return make_officer()


@pytest.fixture
def person(office: Acting) -> Person:
    del office
    worker = make_person()
    declare(worker)
    return worker


def count(model: type[Lookup] | type[Reading] | type[Sighting]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def sightings() -> Sequence[Sighting]:
    return db.session.scalars(select(Sighting).order_by(Sighting.at)).all()


def test_a_card_holds_a_random_token_and_nothing_of_the_person(person: Person, office: Acting) -> None:
    one, other = print_card(person, office).text, print_card(person, office).text
    assert re.fullmatch(r"LHC1:[0-9A-Z $%*+\-./:]+", one)
    assert len(one) < 220, "a code of version 9 at most, readable from paper"
    claims = read_card(one, keys.find_verifier)
    assert claims.token != read_card(other, keys.find_verifier).token
    assert claims.ends_at == clocks.now() + CARD_LIFE
    stored = db.session.scalars(select(Card)).all()
    assert claims.token not in {card.digest for card in stored}


def test_the_officer_gets_the_verdict_of_this_moment_and_no_more(
    person: Person, office: Acting, officer: Acting
) -> None:
    card = print_card(person, office)
    place = begin_shift(officer)
    told = show_card(card.text, officer)
    assert (told.outcome, told.colour, told.reason) == (Outcome.PASSES, Colour.GREEN, "")
    assert (told.first_character, told.last_four) == ("杨", unseal(person.resident_id)[-4:])
    declare(person, contact=True)
    told = show_card(card.text, officer)
    assert (told.outcome, told.colour, told.reason) == (Outcome.REFUSED, Colour.RED, "")
    [(reading, _, _, where), _] = queries.list_readings(person)
    assert (reading.colour, where) == (Colour.RED, place.name)


def test_the_person_reads_who_scanned_the_card_and_the_meeting_is_in_the_itinerary(
    person: Person, office: Acting, officer: Acting
) -> None:
    card = print_card(person, office)
    place = begin_shift(officer)
    show_card(card.text, officer)
    [(entry, who)] = accounts.list_readers(person)
    assert who == officer.organisation_name
    assert "出示卡片" in entry.purpose
    assert "第 1 版" in entry.purpose
    [met] = sightings()
    assert (met.person_id, met.place_id, met.source, met.presence) == (
        person.id,
        place.id,
        Source.OFFICER,
        Presence.PROVEN,
    )


def test_a_second_click_is_the_same_showing(person: Person, office: Acting, officer: Acting) -> None:
    card, other = print_card(person, office), print_card(make_person(name="石桂英"), office)
    begin_shift(officer)
    first = show_card(card.text, officer, "same-key-1")
    declare(person, contact=True)
    assert show_card(card.text, officer, "same-key-1") == first
    assert (count(Lookup), count(Reading), count(Sighting)) == (1, 1, 1)
    with pytest.raises(Conflict):
        show_card(other.text, officer, "same-key-1")


def test_without_a_shift_or_after_it_nobody_learns_anything(
    person: Person, office: Acting, officer: Acting, clock: Travel
) -> None:
    card = print_card(person, office)
    with pytest.raises(Conflict, match="没有上岗"):
        show_card(card.text, officer)
    begin_shift(officer, hours=1)
    show_card(card.text, officer)
    clock.shift(timedelta(hours=1))
    with pytest.raises(Conflict, match="没有上岗"):
        show_card(card.text, officer)
    assert count(Reading) == 1


def test_a_lost_card_is_refused_and_the_person_sees_that_somebody_tried_it(
    person: Person, office: Acting, officer: Acting
) -> None:
    card = print_card(person, office)
    begin_shift(officer)
    for _ in range(2):
        with transaction():
            lost = actions.lose_card(card_id=card.card.id, person_id=person.id, by=office)
    assert lost.ended_by == office.operator_id
    told = show_card(card.text, officer)
    assert (told.outcome, told.colour, told.first_character) == (Outcome.CANNOT_BE_CHECKED, None, "")
    assert "挂失" in told.reason
    [(entry, _)] = accounts.list_readers(person)
    assert "挂失" in entry.purpose
    assert entry.fields == []
    assert sightings() == []


def test_a_new_card_takes_the_place_of_the_one_before(person: Person, office: Acting, officer: Acting) -> None:
    old, new = print_card(person, office), print_card(person, office)
    begin_shift(officer)
    assert [card.version for card, *_ in queries.cards_of(person.id)] == [2, 1]
    assert "新卡" in show_card(old.text, officer).reason
    assert show_card(new.text, officer).outcome is Outcome.PASSES


def test_a_card_ends_by_itself_and_outlives_the_key_that_signed_it(
    person: Person, office: Acting, officer: Acting, clock: Travel
) -> None:
    card = print_card(person, office)
    with transaction():
        actions.rotate_issuer_key("520600")
    clock.shift(timedelta(days=14))
    keys.forget()
    declare(person)
    begin_shift(officer)
    assert show_card(card.text, officer).outcome is Outcome.PASSES
    with transaction():
        db.session.get_one(Card, card.card.id).ends_at = clocks.now()
    assert "过期" in show_card(card.text, officer).reason


def test_nobody_loses_another_persons_card(person: Person, office: Acting) -> None:
    card, other = print_card(person, office), make_person(name="石桂英")
    with pytest.raises(NotFound), transaction():
        actions.lose_card(card_id=card.card.id, person_id=other.id)
    with pytest.raises(NotFound), transaction():
        actions.lose_card(card_id=uuid4(), person_id=person.id)


def test_who_nobody_has_verified_gets_no_card(office: Acting) -> None:
    with pytest.raises(Conflict):
        print_card(make_person(verified=False), office)


def test_cards_and_what_is_typed_are_counted_apart(
    person: Person, office: Acting, officer: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = print_card(person, office)
    begin_shift(officer)
    asked = actions.Asked(resident_id=unseal(person.resident_id))
    for _ in range(MOST_AN_HOUR):
        with transaction():
            actions.look_up(asked=asked, reason=LookupReason.NO_PHONE, words="老人没有手机", by=officer)
    assert MOST_AN_HOUR < MOST_CARDS_AN_HOUR
    monkeypatch.setattr(cards, "MOST_CARDS_AN_HOUR", 2)
    for _ in range(2):
        show_card(card.text, officer)
    with pytest.raises(TooMany) as refused:
        show_card(card.text, officer)
    assert refused.value.retry_after == 3600


def test_a_card_is_no_reason_for_what_is_typed(person: Person, officer: Acting) -> None:
    begin_shift(officer)
    asked = actions.Asked(resident_id=unseal(person.resident_id))
    with pytest.raises(Exception, match="扫码"), transaction():
        actions.look_up(asked=asked, reason=LookupReason.CARD, words="出示卡片了", by=officer)


def test_the_same_card_at_two_places_at_once_is_doubted(person: Person, office: Acting, clock: Travel) -> None:
    card = print_card(person, office)
    here, there = make_officer(), make_officer("铜仁南站卡口")
    begin_shift(here)
    begin_shift(there, name="铜仁南站")
    assert show_card(card.text, here).warning == ""
    clock.shift(timedelta(minutes=5))
    assert "另一处" in show_card(card.text, there).warning
    assert [met.presence for met in sightings()] == [Presence.PROVEN, Presence.UNPROVEN]
    clock.shift(timedelta(hours=2))
    assert show_card(card.text, there).warning == "", "a traveller shows one card at many places"


def test_nonsense_and_forgery_are_told_apart_without_a_query(person: Person, office: Acting, officer: Acting) -> None:
    text, code = print_card(person, office).text, show(person).text
    begin_shift(officer)
    keys.keychain()
    swapped = text[:60] + ("A" if text[60] != "A" else "B") + text[61:]
    asked: list[str] = []
    note = lambda *given: asked.append(given[2])  # noqa: E731 - removed again below
    event.listen(db.engine, "before_cursor_execute", note)
    for wrong in ("LHC1:", "LHC1:ABC", swapped, "LHC1:" + code[4:], code, "你好", "LHC1:" + "0" * 3000):
        told = actions.show_card(text=wrong, by=officer, request_key="nonsense-1")
        assert told.outcome is Outcome.CANNOT_BE_CHECKED
        assert told.reason
        assert told.next_step
    event.remove(db.engine, "before_cursor_execute", note)
    assert asked == []


def test_a_card_is_no_health_code_and_a_health_code_no_card(person: Person, office: Acting) -> None:
    card, code = print_card(person, office).text, show(person).text
    for text in (card, "LH1:" + card.removeprefix("LHC1:")):
        with pytest.raises(Unreadable):
            cwt.read(text, keys.find_verifier)
    with pytest.raises(Unreadable) as told:
        read_card("LHC1:" + code.removeprefix("LH1:"), keys.find_verifier)
    assert told.value.fault is Fault.FORGED


def test_a_longer_life_than_cards_have_and_a_retired_key_are_forgeries(office: Acting) -> None:
    del office
    signer = signer_for(None, clocks.now())
    now = clocks.now().replace(microsecond=0)
    good = CardClaims(bytes(16), now, now + CARD_LIFE)
    for wrong in (
        replace(good, ends_at=now + 2 * CARD_LIFE),
        replace(good, ends_at=now),
        replace(good, token=b"short"),
    ):
        with pytest.raises(Unreadable):
            read_card(issue_card(wrong, signer), keys.find_verifier)
    known = keys.find_verifier(signer.kid)
    assert known is not None
    retired = replace(known, retired_at=now - timedelta(days=1))
    with pytest.raises(Unreadable) as told:
        read_card(issue_card(good, signer), lambda _: retired)
    assert told.value.fault is Fault.RETIRED_KEY


@given(st.text(max_size=400))
def test_any_text_is_a_card_or_unreadable(text: str) -> None:
    card_text.is_card(text)
    with pytest.raises(Unreadable):
        read_card(f"LHC1:{text}", lambda _: None)


def test_a_temperature_is_taken_of_whoever_shows_a_card(
    person: Person, office: Acting, officer: Acting, clock: Travel
) -> None:
    text = print_card(person, office).text
    taken = {"text": text, "by": officer, "place_id": None, "temperature": 380, "waited": timedelta(0)}
    with pytest.raises(Conflict), transaction():
        actions.measure_by_code(**taken, request_key="before-1")
    place = begin_shift(officer)
    with transaction():
        measured, verdict = actions.measure_by_code(**taken, request_key="fever-1")
    assert (measured.person_id, measured.place, verdict.colour) == (person.id, place.name, Colour.YELLOW)
    clock.shift(timedelta(minutes=1))
    with transaction():
        actions.lose_card(card_id=queries.cards_of(person.id)[0][0].id, person_id=person.id)
    with pytest.raises(Conflict, match="挂失"), transaction():
        actions.measure_by_code(**taken, request_key="after-1")
