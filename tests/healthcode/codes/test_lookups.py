"""People without a phone: a shift and a reason, the verdict only, counted, shown to the person, nobody guessed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend.accounts import queries as accounts
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound, TooMany
from backend.core.transactions import transaction
from healthcode.codes import actions, queries
from healthcode.codes.lookup_rules import MOST_AN_HOUR, LookupReason
from healthcode.codes.models import Reading
from healthcode.codes.rules import Colour, Outcome
from tests.factories.accounts import make_acting, make_agreeing_account, make_organisation, make_person, resident_id
from tests.factories.codes import declare
from tests.factories.consoles import sign_in
from tests.factories.itinerary import make_place

BORN = date(1990, 3, 7)


@pytest.fixture
def officer(app):  # noqa: ARG001 - the rows need the application
    office = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    return make_acting(office, role=Role.OFFICER)


@pytest.fixture
def place(officer):
    return make_place(officer)[0]


def start(officer, place, hours=8):
    with transaction():
        return actions.open_shift(place_id=place.id, hours=hours, by=officer)


def ask(officer, words="老人没有手机", **asked):
    with transaction():
        return actions.look_up(asked=actions.Asked(**asked), reason=LookupReason.NO_PHONE, words=words, by=officer)


def number_of(person):
    return unseal(person.resident_id)


def test_the_verdict_only_and_the_person_sees_who_asked(officer, place):
    person = make_person()
    declare(person)
    start(officer, place)
    told = ask(officer, resident_id=number_of(person))
    assert (told.outcome, told.colour, told.reason) == (Outcome.PASSES, Colour.GREEN, "")
    assert (told.first_character, told.last_four) == ("杨", number_of(person)[-4:])
    [(reading, office, _, where)] = queries.list_readings(person)
    assert (reading.colour, office, where) == (Colour.GREEN, "铜仁站卡口", place.name)
    [(entry, _)] = accounts.list_readers(person)
    assert "老人没有手机" in entry.purpose
    assert "没有智能手机" in entry.purpose


def test_a_fever_is_refused_without_saying_why(officer, place):
    person = make_person()
    declare(person, temperature=385)
    start(officer, place)
    told = ask(officer, resident_id=number_of(person))
    assert told.outcome is Outcome.REFUSED
    assert told.reason == ""


def test_by_name_birth_date_and_phone_all_three(officer, place):
    person = make_person(make_agreeing_account("13800138123"), number=resident_id(born="19900307"))
    start(officer, place)
    right = {"name": "杨秀英", "birth_date": BORN, "phone": "13800138123"}
    assert ask(officer, **right).last_four == number_of(person)[-4:]
    for wrong in ({"name": "杨秀"}, {"birth_date": date(1990, 3, 8)}, {"phone": "13800138124"}):
        assert ask(officer, **(right | wrong)).outcome is Outcome.CANNOT_BE_CHECKED


def test_whoever_is_unknown_unverified_or_nonsense_gets_one_answer(officer, place):
    unverified = make_person(verified=False)
    start(officer, place)
    answers = [
        ask(officer, resident_id=resident_id()),
        ask(officer, resident_id=number_of(unverified)),
        ask(officer, name="无", birth_date=BORN, phone="x"),
    ]
    assert len({(a.outcome, a.reason, a.next_step, a.colour, a.first_character, a.last_four) for a in answers}) == 1


def test_without_a_shift_or_after_it_or_for_another_office_nobody_is_looked_up(officer, place, monkeypatch):
    person = make_person()
    with pytest.raises(Conflict):
        ask(officer, resident_id=number_of(person))
    other = make_acting(
        make_organisation("昆山卡口", kind=OrganisationKind.CHECKPOINT, region="320583"), role=Role.OFFICER
    )
    with pytest.raises(NotFound):
        start(other, place)
    start(officer, place, hours=1)
    with pytest.raises(Conflict):
        ask(other, resident_id=number_of(person))
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Conflict):
        ask(officer, resident_id=number_of(person))
    assert not queries.list_readings(person)


def test_guesses_count_too_and_a_new_shift_is_no_way_around(officer, place):
    start(officer, place)
    for _ in range(MOST_AN_HOUR):
        ask(officer, resident_id=resident_id())
    start(officer, place)
    with pytest.raises(TooMany):
        ask(officer, resident_id=resident_id())
    kept = select(func.count()).select_from(Reading).where(Reading.operator_id == officer.operator_id)
    assert db.session.scalar(kept) == MOST_AN_HOUR


def test_a_shift_that_ends_in_the_moment_it_began_is_over(officer, place, clock):
    del clock
    start(officer, place)
    other = make_place(officer, name="铜仁站西门")[0]
    start(officer, other)
    assert queries.find_shift(officer).place_id == other.id
    with transaction():
        actions.end_shift(by=officer)
    assert queries.find_shift(officer) is None


@pytest.mark.parametrize("hours", [0, 13, -1])
def test_a_shift_has_a_length(officer, place, hours):
    with pytest.raises(Invalid):
        start(officer, place, hours)


def test_the_page_from_the_shift_to_the_verdict(client, officer, place):
    person = make_person()
    declare(person)
    sign_in(client, officer)
    form = {"resident_id": number_of(person), "reason": "flat", "words": "手机没电了"}
    assert "查一个人" not in client.get("/console/lookups/").text
    assert client.post("/console/lookups/", data=form).status_code == 409
    for hours in ("inf", "nan", "1e300", "七"):
        sent = {"place_id": str(place.id), "hours": hours}
        assert client.post("/console/lookups/shift", data=sent).status_code == 422
    assert client.post("/console/lookups/shift", data={"place_id": str(place.id), "hours": "8"}).status_code == 302
    shown = client.post("/console/lookups/", data=form).text
    assert "比对身份证" in shown
    assert number_of(person) not in shown
    assert client.post("/console/lookups/", data=form | {"words": "急"}).status_code == 422
    assert client.post("/console/lookups/", data=form | {"reason": "?"}).status_code == 422
    client.post("/console/lookups/shift/end")
    assert client.post("/console/lookups/", data=form).status_code == 409
