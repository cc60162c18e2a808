"""What went wrong with other health codes in 2020 to 2022, each shown not to happen here (see the named reports)."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Holding, Person
from backend.accounts.rules import OrganisationKind, Relation, Role
from backend.core import clock as clocks
from backend.core.crypto import unseal
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.requests import Application, Room
from backend.core.transactions import transaction
from backend.regions.datum import Datum
from healthcode.codes import actions as codes
from healthcode.codes import outcomes, queries
from healthcode.codes.card_rules import CARD_FAULT_SENTENCES, CARD_FAULT_STEPS, CardFault
from healthcode.codes.lookup_rules import LookupReason
from healthcode.codes.models import Status
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import FAULT_SENTENCES, FAULT_STEPS, Basis, Colour, DecisionKind, Fault, Outcome
from healthcode.codes.tasks import escalate_appeals, rejudge
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.cases import cases_of_2020
from healthcode.itinerary.queries import poster_url
from healthcode.itinerary.rules import Position
from healthcode.itinerary.tasks import stays
from healthcode.transfers.actions import Writer
from healthcode.transfers.boarding import Health, MarkKind
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_agreeing_account, make_organisation, make_person
from tests.factories.api import phone_of
from tests.factories.appeals import appeal
from tests.factories.boarding import make_door
from tests.factories.cards import begin_shift, print_card, show_card
from tests.factories.codes import account_of, declare, make_issuer_key, show
from tests.factories.consoles import sign_in
from tests.factories.itinerary import TONGREN_STATION, make_place

WUHAN = "420106"


@pytest.fixture
def officer(app: Application, clock: Travel) -> Acting:
    del app, clock
    make_issuer_key()
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    return make_acting(station, role=Role.OFFICER)


@pytest.fixture
def person(officer: Acting) -> Person:
    del officer
    worker = make_person()
    declare(worker)
    return worker


def read(text: str, by: Acting, *, off: timedelta = timedelta(0)) -> ReadResult:
    with transaction():
        return codes.read_code(
            text=text, by=by, place_id=None, request_key=new_key().hex, phone_time=clocks.now() + off
        )


def colour_of(person: Person) -> Colour:
    db.session.expire_all()
    return queries.status_of(person).colour


def test_hundreds_turned_red_by_a_forwarded_place_code(person: Person, clock: Travel) -> None:
    """A picture of a place code of a high-risk region went round: 871 people elsewhere scanned it and turned red.

    Beside them stands somebody who was there for as long, and does turn red: the same scans, days and rules.
    """
    there = make_person(name="武汉人")
    declare(there)
    with transaction():
        itinerary.compute_risk(counts=cases_of_2020(), day=date(2020, 3, 22), as_of=clocks.today())
    wuhan = make_acting(make_organisation("武汉市武昌区防疫办", region=WUHAN))
    at_the_place = Position(114.31, 30.53, 20)
    _, poster = make_place(wuhan, name="武昌站", region=WUHAN, at=at_the_place)
    for position in (TONGREN_STATION, None):
        for scanner, where in ((person, position), (there, at_the_place)):
            with transaction():
                itinerary.scan_place(
                    person=scanner,
                    text=poster_url(poster),
                    position=where,
                    datum=Datum.WGS84,
                    request_key=new_key().hex,
                )
        clock.shift(timedelta(hours=5))
    stays()
    rejudge()
    assert colour_of(person) is Colour.GREEN
    assert colour_of(there) is Colour.RED


def test_officials_turned_codes_red_by_hand(person: Person) -> None:
    """Depositors of village banks turned red when they travelled to complain: one official's hand was enough."""
    office = make_organisation()
    one, other = make_acting(office), make_acting(office)
    order = {"person": person, "kind": DecisionKind.ORDER, "colour": Colour.RED, "rule": None, "days": 14}
    with pytest.raises(Invalid), transaction():
        codes.propose_decision(**order, basis=Basis.WRONG, reason="到省里反映情况", by=one)
    with transaction():
        proposed = codes.propose_decision(**order, basis=Basis.QUARANTINE, reason="与确诊病例同乘一车。", by=one)
    assert colour_of(person) is Colour.GREEN
    with pytest.raises((Forbidden, Conflict)), transaction():
        codes.approve_decision(decision=proposed, by=one)
    with pytest.raises((Forbidden, NotFound)), transaction():
        codes.approve_decision(decision=proposed, by=make_acting(make_organisation("遵义市卫健局", region="520300")))
    assert colour_of(person) is Colour.GREEN
    with transaction():
        codes.approve_decision(decision=proposed, by=other)
    verdict = queries.status_of(person)
    assert verdict.colour is Colour.RED
    assert verdict.fact.count(office.name) == 2
    assert verdict.until == clocks.now() + timedelta(days=14)


def test_screenshots_of_green_pages(person: Person, officer: Acting, clock: Travel) -> None:
    text = show(person).text
    elsewhere = make_acting(
        make_organisation("昆山站卡口", kind=OrganisationKind.CHECKPOINT, region="320583"), role=Role.OFFICER
    )
    assert read(text, officer).outcome is Outcome.PASSES
    shown_again = read(text, elsewhere)
    assert "截图" in shown_again.warning, "the same code at another office within its five minutes"
    declare(person, contact=True)
    assert read(text, officer).outcome is Outcome.REFUSED
    clock.shift(timedelta(minutes=8))
    assert read(text, officer).outcome is Outcome.OUT_OF_DATE


@pytest.mark.parametrize("off", [-110, -61, 61, 110])
def test_valid_holders_were_refused_because_a_clock_was_a_minute_off(person: Person, officer: Acting, off: int) -> None:
    assert read(show(person).text, officer, off=timedelta(seconds=off)).outcome is Outcome.PASSES


def test_valid_holders_were_refused_because_the_issuers_clock_was_ahead(
    person: Person, officer: Acting, clock: Travel
) -> None:
    clock.shift(timedelta(seconds=100))
    text = show(person).text
    clock.shift(timedelta(seconds=-100))
    assert read(text, officer).outcome is Outcome.PASSES
    clock.shift(timedelta(minutes=6, seconds=30))
    assert read(text, officer).outcome is Outcome.PASSES, "nor because it ended a moment ago"


def test_officers_saw_a_refusal_without_a_reason(person: Person, officer: Acting) -> None:
    assert set(FAULT_SENTENCES) == set(FAULT_STEPS) == set(Fault)
    assert set(CARD_FAULT_SENTENCES) == set(CARD_FAULT_STEPS) == set(CardFault)
    assert set(outcomes.STEPS) == set(Colour)
    assert all(map(str.strip, (*FAULT_SENTENCES.values(), *FAULT_STEPS.values(), *outcomes.STEPS.values())))
    undeclared, feverish, contact = make_person(name="石老三"), make_person(name="吴老二"), person
    declare(feverish, temperature=380)
    declare(contact, contact=True)
    for refused in (undeclared, feverish, contact):
        told = read(show(refused).text, officer)
        assert told.outcome is Outcome.REFUSED
        assert all((told.reason, told.next_step, told.first_character, told.last_four))


def test_elderly_people_had_no_phone(officer: Acting) -> None:
    """Somebody of the roster whom no account speaks for declares by the leader, boards, and passes a checkpoint by the
    ID card and by a printed card; family's phone shows a code.
    """
    door = make_door(2, green=(1,))
    with transaction():
        entry = door.entry(2)
        elder = db.session.get_one(Person, entry.person_id)
        db.session.execute(delete(Holding).where(Holding.person_id == elder.id))
    leader = Writer(leader=door.entry(1), account_id=account_of(db.session.get_one(Person, door.entry(1).person_id)).id)
    assert not door.board(2)[0].accepted
    said = door.said(MarkKind.DECLARED, 2, temperature=365, health=Health((), contact=False, abroad=False))
    assert door.take(said, by=leader)[0].accepted
    assert door.board(2)[0].accepted

    begin_shift(officer)
    with transaction():
        asked = codes.Asked(resident_id=unseal(elder.resident_id))
        told = codes.look_up(asked=asked, reason=LookupReason.NO_PHONE, words="老人没有手机", by=officer)
    by_card = show_card(print_card(elder, door.origin).text, officer)
    assert told.outcome is by_card.outcome is Outcome.PASSES
    assert told.last_four == by_card.last_four == elder.resident_id_mask[-4:]

    family = make_agreeing_account()
    with transaction():
        accounts.hold(
            account=family,
            name=unseal(elder.name),
            resident_id=unseal(elder.resident_id),
            relation=Relation.FAMILY,
            until=clocks.now() + timedelta(days=20),
            verified=True,
            region_code="520602",
        )
    assert read(show(elder, family.id).text, officer).outcome is Outcome.PASSES


def test_a_city_fell_over_at_ten_times_its_load(
    app: Application, client: FlaskClient, person: Person, officer: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no room left for maps and exports, showing and scanning go on (`healthcode.overload` measures it)."""
    full = Room(threads=1)
    assert full.enter()
    monkeypatch.setitem(app.extensions, "linghuo.extras", full)
    phone = phone_of(client, account_of(person))
    shown = phone.get(f"/people/{person.id}/code")
    assert shown.status_code == 200
    sign_in(client, officer)
    sent = {
        "text": show(person).text,
        "place_id": None,
        "request_key": new_key().hex,
        "phone_time": clocks.now().isoformat(),
    }
    assert client.post("/checkpoint/api/scans", json=sent).json["outcome"] == Outcome.PASSES
    sign_in(client, make_acting())
    shed = client.get("/console/headlines/")
    assert shed.status_code == 503
    assert int(shed.headers["Retry-After"]) > 0


def test_what_everybody_needs_is_never_shed(app: Application) -> None:
    """Maps and exports are; no blueprint that shows, declares, scans, signs in or boards is marked as an extra."""
    extras = {name for name, blueprint in app.blueprints.items() if getattr(blueprint, "linghuo_extra", False)}
    assert {"maps", "exports"} <= extras
    core = {
        "api_worker",
        "api_public",
        "checkpoint",
        "checkpoint_cards",
        "checkpoint_shell",
        "lookups",
        "boarding",
        "receiving",
        "sign_in",
    }
    assert core <= set(app.blueprints)
    assert not core & extras


def test_a_wrong_colour_was_answered_by_nobody(person: Person, clock: Travel) -> None:
    make_organisation()
    above = make_organisation("贵州省卫生健康委员会", region="520000").region_code
    declare(person, contact=True)
    filed = appeal(person)
    assert filed.due_at - filed.filed_at == timedelta(hours=48)
    key = filed.id
    clock.shift(timedelta(hours=48))
    escalate_appeals()
    db.session.expire_all()
    assert db.session.get_one(type(filed), key).regions[-1] == above
    assert db.session.scalars(select(Status.colour)).all() == [Colour.RED]
