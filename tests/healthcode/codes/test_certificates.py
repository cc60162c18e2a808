"""Certificates of health: photographed, confirmed or refused by the right office, green as long as they are good."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.models import AccessLog, Organisation
from backend.core import sealed_files
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.transactions import transaction
from backend.notices.queries import inbox
from healthcode.codes import actions, queries
from healthcode.codes.colour_rules import Kind
from healthcode.codes.fact_rules import CertificateState
from healthcode.codes.models import Certificate
from healthcode.codes.rules import Colour
from healthcode.codes.tasks import expire, rejudge
from tests.conftest import NOON
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.codes import account_of, declare
from tests.factories.facts import PHOTO, certify, enter, file_certificate, paper, result_line

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def official(app, clock) -> Acting:
    del app, clock
    return make_acting()


@pytest.fixture
def person(official):
    del official
    return make_person()


def colour(person) -> Colour:
    db.session.expire_all()
    return queries.status_of(person).colour


def test_a_confirmed_certificate_is_green_without_a_declaration(person, official):
    held = file_certificate(person)
    assert (held.state, colour(person)) == (CertificateState.WAITING, Colour.GREY)
    with transaction():
        actions.confirm_certificate(certificate_id=held.id, paper=actions.said_by(held), by=official)
    verdict = queries.status_of(person)
    assert (verdict.colour, verdict.reasons[0].rule) == (Colour.GREEN, Kind.CERTIFIED)
    assert verdict.fact == "有健康证明：碧江区人民医院 2026-03-22 出具，有效到 2026-03-27。"
    assert "已确认" in inbox([person.id], 1)[0].title


def test_it_ends_after_its_last_day(person, official, clock):
    certify(person, official)
    clock.shift(5 * DAY + 11 * HOUR)
    assert colour(person) is Colour.GREEN
    clock.shift(HOUR)
    expire()
    assert colour(person) is Colour.GREY
    assert queries.list_changes(person)[0].after is Colour.GREY


def test_a_year_of_validity_is_green_for_a_week_only(person, official, clock):
    certify(person, official, valid_until=(NOON + 300 * DAY).date())
    clock.shift(7 * DAY)
    assert colour(person) is Colour.GREY


def test_it_is_never_above_a_reason_for_red(person, official):
    certify(person, official)
    declare(person, contact=True)
    assert colour(person) is Colour.RED
    rejudge()
    assert colour(person) is Colour.RED


def test_it_is_green_again_after_a_yellow_has_ended(person, official, clock):
    certify(person, official)
    declare(person, temperature=380)
    assert colour(person) is Colour.YELLOW
    clock.shift(25 * HOUR)
    assert colour(person) is Colour.GREEN


def test_a_positive_test_stands_above_it(person, official):
    certify(person, official)
    office = db.session.get_one(Organisation, official.organisation_id)
    enter(official, make_acting(office), result_line(person, NOON - HOUR, "阳性"))
    assert colour(person) is Colour.RED


def test_judging_everybody_again_keeps_it(person, official):
    certify(person, official)
    rejudge()
    assert colour(person) is Colour.GREEN
    assert len(queries.list_changes(person)) == 1


def test_withdrawing_it_takes_the_green_away(person, official):
    held = certify(person, official)
    for _ in range(2):
        with transaction():
            actions.withdraw_certificate(person=person, certificate_id=held.id)
    assert colour(person) is Colour.GREY


def test_what_was_confirmed_wrongly_is_refused_later_with_a_reason(person, official):
    held = certify(person, official)
    with transaction():
        actions.refuse_certificate(certificate_id=held.id, reason="医院答复没有出具过这份证明", by=official)
    assert colour(person) is Colour.GREY
    assert "没有出具过" in inbox([person.id], 1)[0].body
    with pytest.raises(Conflict), transaction():
        actions.withdraw_certificate(person=person, certificate_id=held.id)


def test_the_official_corrects_what_was_typed(person, official):
    held = file_certificate(person)
    read = replace(actions.said_by(held), institution="碧江区中医院")
    with transaction():
        actions.confirm_certificate(certificate_id=held.id, paper=read, by=official)
    assert "碧江区中医院" in queries.status_of(person).fact


def test_an_empty_paper_is_filed_by_nobody(person):
    with pytest.raises(Invalid) as caught, transaction():
        actions.file_certificate(
            person=person, paper=actions.Paper(), account_id=account_of(person).id, request_key="k"
        )
    assert set(caught.value.fields) == {"number", "institution", "issued_on", "valid_until"}


def test_another_regions_official_finds_nothing(person):
    held = file_certificate(person)
    elsewhere = make_acting(make_organisation("昆山市人社局", region="320583"))
    for attempt in (
        lambda: actions.confirm_certificate(certificate_id=held.id, paper=paper(), by=elsewhere),
        lambda: actions.refuse_certificate(certificate_id=held.id, reason="不是本人的证明", by=elsewhere),
        lambda: actions.open_certificate(certificate_id=held.id, by=elsewhere),
    ):
        with pytest.raises(NotFound), transaction():
            attempt()
    assert not queries.list_certificates(seen_by=elsewhere, state=CertificateState.WAITING)


def test_another_persons_certificate_is_not_found(person):
    held = file_certificate(person)
    other = make_person()
    for attempt in (
        lambda: actions.attach_certificate(person=other, certificate_id=held.id, content=PHOTO),
        lambda: actions.withdraw_certificate(person=other, certificate_id=held.id),
    ):
        with pytest.raises(NotFound), transaction():
            attempt()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_until": (NOON - DAY).date()}, "valid_until"),
        ({"valid_until": (NOON + 500 * DAY).date()}, "valid_until"),
        ({"issued_on": (NOON + DAY).date()}, "issued_on"),
        ({"issued_on": None}, "issued_on"),
        ({"number": ""}, "number"),
        ({"institution": "院"}, "institution"),
    ],
)
def test_what_cannot_be_is_refused_with_its_sentence(person, changes, field):
    with pytest.raises(Invalid) as caught:
        file_certificate(person, **changes)
    assert field in caught.value.fields


def test_one_that_expired_while_it_waited_is_not_confirmed(person, official, clock):
    held = file_certificate(person)
    clock.shift(6 * DAY)
    with pytest.raises(Invalid), transaction():
        actions.confirm_certificate(certificate_id=held.id, paper=actions.said_by(held), by=official)


def test_the_same_key_is_the_same_certificate(person):
    once = {"person": person, "account_id": account_of(person).id, "request_key": "k"}
    with transaction():
        made = [actions.file_certificate(paper=paper(), **once) for _ in range(2)]
    assert made[0].id == made[1].id
    with pytest.raises(Conflict), transaction():
        actions.file_certificate(paper=paper(number="T-2"), **once)


def test_a_photo_is_neither_replaced_nor_of_another_kind(person):
    held = file_certificate(person)
    for content, refusal in ((PHOTO + b"!", Conflict), (b"<svg>", Invalid), (b"", Invalid)):
        with pytest.raises(refusal), transaction():
            actions.attach_certificate(person=person, certificate_id=held.id, content=content)


def test_a_fourth_waits_until_one_is_decided(person):
    for _ in range(3):
        file_certificate(person)
    with pytest.raises(Conflict):
        file_certificate(person)


def test_opening_the_photo_is_written_down(person, official):
    held = file_certificate(person)
    with transaction():
        _, content = actions.open_certificate(certificate_id=held.id, by=official)
    assert content == PHOTO
    assert db.session.scalars(select(AccessLog)).one().purpose == "核对健康证明"


def test_it_goes_with_its_photo_a_month_after_its_end(person, official):
    held = certify(person, official)
    name = held.stored_as
    with transaction():
        assert actions.erase_certificates(NOON + 5 * DAY) == {"codes.certificate": 0}
        assert actions.erase_certificates(NOON + 7 * DAY) == {"codes.certificate": 1}
    assert db.session.scalar(select(Certificate)) is None
    with pytest.raises(FileNotFoundError):
        sealed_files.read(name)
