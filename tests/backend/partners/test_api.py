"""A partner's way in: who gets in, and what is carried out once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.core.db import db
from backend.core.transactions import transaction
from backend.partners import actions
from backend.partners.models import Received, Told
from healthcode.checks.actions import run_check
from healthcode.checks.models import Finding
from healthcode.checks.rules import Check
from healthcode.transfers import actions as transfers
from healthcode.transfers import queries
from healthcode.transfers.models import Entry, Transfer, Trip
from healthcode.transfers.rules import State, TripState
from tests.factories import rosters
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.partners import Other, envelope, register
from tests.factories.transfers import KUNSHAN, departs, make_roster

pytestmark = pytest.mark.usefixtures("app", "clock")


@pytest.fixture
def kunshan() -> Acting:
    return make_acting(make_organisation(KUNSHAN, region="320583"))


@pytest.fixture
def other(client, kunshan) -> Other:
    del kunshan
    return register(client)


def lines(count: int = 3, first: int = 0) -> list[rosters.Line]:
    return list(rosters.lines(count, first=first, departs=departs(at="13:00")))


def the_transfer() -> Transfer:
    db.session.expire_all()
    return db.session.scalars(select(Transfer)).one()


def code_of(answer) -> str:
    return answer.get_json()["error"]["code"]


def test_a_wrong_secret_gets_no_token_and_too_many_tries_must_wait(other):
    answers = [other.ask_token("wrong").status_code for _ in range(11)]

    assert answers[0] == 401
    assert answers[-1] == 429


def test_the_secret_before_works_for_a_day(other, clock):
    with transaction():
        secret = actions.rotate_secret(partner=other.partner)

    assert other.ask_token().status_code == 200
    assert other.ask_token(secret).status_code == 200
    clock.shift(timedelta(hours=25))
    assert other.ask_token().status_code == 401
    assert other.ask_token(secret).status_code == 200


def test_a_token_ends_after_ten_minutes_and_with_the_partner(other, clock):
    content = envelope("transfer.move", uuid4(), {"to": "agreed"}, uuid4())
    assert other.post(content).status_code == 404

    clock.shift(timedelta(minutes=10, seconds=1))
    assert code_of(other.post(content)) == "partners.token_expired"
    other.sign_in()
    with transaction():
        actions.revoke(partner=other.partner)
    assert code_of(other.post(content)) == "partners.revoked"


def test_an_offer_is_there_as_the_other_government_made_it(other, kunshan):
    answer = other.offer(uuid4(), lines())

    assert answer.status_code == 200, answer.get_json()
    transfer = the_transfer()
    assert (transfer.state, transfer.origin_region, transfer.entries) == (State.OFFERED, "421181", 3)
    seen = queries.list_entries(queries.get_transfer(transfer.id, seen_by=kunshan))
    assert [line.entry.address_mask for line in seen] == ["", "", ""]
    assert not any(line.entry.poor for line in seen)


def test_the_same_message_twice_is_carried_out_once_and_answered_the_same(other):
    message_id, transfer = uuid4(), uuid4()
    content = envelope("transfer.offer", transfer, other.offer_body(message_id, lines()), message_id)

    first, second = other.post(content), other.post(content)

    assert (first.status_code, first.get_json()) == (second.status_code, second.get_json()) == (200, first.get_json())
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 1
    reused = other.say("transfer.move", transfer, {"to": "cancelled", "note": "不再组织"}, message_id)
    assert code_of(reused) == "partners.id_reused"


def test_a_replayed_request_is_refused(other):
    content = envelope("transfer.move", uuid4(), {"to": "agreed"}, uuid4())
    headers = other.headers(content)

    assert other.post(content, headers).status_code == 404
    assert code_of(other.post(content, headers)) == "partners.replayed"


def test_a_forged_changed_or_late_request_is_refused_and_leaves_nothing(other, clock):
    content = envelope("transfer.move", uuid4(), {"to": "agreed"}, uuid4())
    changed = content.replace(b"agreed", b"closed")

    assert code_of(other.post(content, other.headers(content, key="another"))) == "partners.signature_forged"
    assert code_of(other.post(changed, other.headers(content))) == "partners.signature_digest"
    late = other.headers(content, at=clock.moment - timedelta(minutes=5))
    assert code_of(other.post(content, late)) == "partners.signature_expired"
    early = other.headers(content, at=clock.moment + timedelta(minutes=5))
    assert code_of(other.post(content, early)) == "partners.signature_clock"
    assert db.session.scalar(select(func.count()).select_from(Received)) == 0


def test_a_token_of_one_partner_doesn_t_go_with_anothers_signature(client, other):
    another = register(client, name="武汉市人力资源和社会保障局", region="420100", key="a key of wuhan")
    another.token = other.token
    content = envelope("transfer.move", uuid4(), {"to": "agreed"}, uuid4())

    assert code_of(another.post(content)) == "partners.signature_forged"


def test_nobody_speaks_for_another_region(other):
    answer = other.offer(uuid4(), lines(), origin_region="520600")

    assert (answer.status_code, code_of(answer)) == (403, "partners.not_your_region")
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 0


def test_another_partners_transfer_isn_t_there(client, other):
    transfer = uuid4()
    other.offer(transfer, lines())
    another = register(client, name="武汉市人力资源和社会保障局", region="420100", key="a key of wuhan")

    answer = another.say("transfer.move", transfer, {"to": "cancelled", "note": "不再组织"})

    assert answer.status_code == 404
    assert the_transfer().state is State.OFFERED


def test_a_partner_moves_nothing_out_of_turn(other):
    transfer = uuid4()
    other.offer(transfer, lines())

    answer = other.say("transfer.move", transfer, {"to": "agreed"})

    assert (answer.status_code, code_of(answer)) == (409, "transfers.no_such_move")
    assert the_transfer().state is State.OFFERED


def test_somebody_on_another_roster_is_told_not_added(client):
    make_roster(3, at="13:00")
    other = register(client)

    answer = other.offer(uuid4(), lines(2, first=2))

    assert (answer.status_code, code_of(answer)) == (409, "partners.travelling_elsewhere")
    assert list(answer.get_json()["error"]["fields"]) == ["travellers.0"]
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 1


def test_rows_that_can_t_be_are_named(other):
    wrong = [*lines(2), (*lines(1)[0][:3], "110101199003070000", *lines(1)[0][4:])]

    answer = other.offer(uuid4(), wrong)

    assert answer.status_code == 422
    assert "校验位" in answer.get_json()["error"]["fields"]["travellers.2"]


def test_a_roster_sealed_for_somebody_else_stays_closed(other):
    message_id = uuid4()
    body = other.offer_body(uuid4(), lines())

    answer = other.say("transfer.offer", uuid4(), body, message_id)

    assert (answer.status_code, code_of(answer)) == (422, "partners.sealed")


def under_way(other: Other, kunshan: Acting) -> tuple[object, list[rosters.Line]]:
    """A transfer of the partner's whose coach has left."""
    reference, people = uuid4(), lines()
    other.offer(reference, people)
    with transaction():
        transfers.move_transfer(transfer=the_transfer(), to=State.AGREED, note="", by=kunshan)
    for to in ("enrolling", "departing"):
        assert other.say("transfer.move", reference, {"to": to}).status_code == 200
    departed = trip_body(people) | {"to": "on_the_way"}
    assert other.say("trip.move", reference, departed).status_code == 200
    assert the_transfer().state is State.IN_TRANSIT
    return reference, people


def trip_body(people: list[rosters.Line]) -> dict[str, object]:
    departs_at = f"{str(people[0][10]).replace(' ', 'T')}:00+08:00"
    at = db.session.scalars(select(Transfer.offered_at)).one()
    return {"vehicle": people[0][12], "mode": "coach", "departs_at": departs_at, "at": at.isoformat(), "place": "麻城"}


def test_a_transfer_called_off_on_the_way_turns_the_coach_back(other, kunshan):
    reference, people = under_way(other, kunshan)

    assert other.say("transfer.move", reference, {"to": "cancelled", "note": "不去了"}).status_code == 409
    recalled = {"to": "recalled", "note": "目的地突发情况"}
    assert other.say("transfer.move", reference, recalled).status_code == 200
    assert other.say("transfer.move", reference, recalled).status_code == 200

    assert db.session.scalars(select(Trip.state)).one() is TripState.RETURNING
    assert the_transfer().state is State.IN_TRANSIT
    back = trip_body(people) | {"to": "returned"}
    assert other.say("trip.move", reference, back).status_code == 200
    assert the_transfer().state is State.CANCELLED


def test_colours_come_from_the_origin_with_their_moment(other, kunshan, clock):
    reference, people = under_way(other, kunshan)
    said = [{"person": other.person(people[0]), "colour": "green"}, {"person": "0" * 32, "colour": "red"}]

    answer = other.say("colours", reference, {"as_of": clock.moment.isoformat(), "people": said})

    assert answer.get_json()["unknown"] == ["0" * 32]
    told = db.session.scalars(select(Told)).one()
    assert (told.colour, told.as_of) == ("green", clock.moment)
    later = {"as_of": (clock.moment + timedelta(hours=1)).isoformat(), "people": said[:1]}
    assert other.say("colours", reference, later).status_code == 422


def test_whoever_registers_at_the_origin_is_looked_after_there_alone(other, kunshan, clock):
    under_way(other, kunshan)
    clock.shift(timedelta(hours=9))

    for check in Check:
        with transaction():
            run_check(check=check)

    assert db.session.scalar(select(func.count()).select_from(Finding)) == 0


def test_the_origin_doesn_t_say_who_arrived(other, kunshan, clock):
    reference, people = under_way(other, kunshan)
    said = {"people": [{"person": other.person(people[0]), "at": clock.moment.isoformat()}]}

    answer = other.say("arrivals", reference, said)

    assert (answer.status_code, code_of(answer)) == (403, "transfers.destination_only")


def test_what_came_goes_14_days_after_the_end(other, kunshan, clock):
    reference, people = under_way(other, kunshan)
    said = [{"person": other.person(people[0]), "colour": "green"}]
    other.say("colours", reference, {"as_of": clock.moment.isoformat(), "people": said})
    other.say("transfer.move", reference, {"to": "recalled", "note": "目的地突发情况"})
    other.say("trip.move", reference, trip_body(people) | {"to": "returned"})
    assert the_transfer().state is State.CANCELLED

    with transaction():
        assert actions.erase_ended(clock.moment) == {"partners.told": 0}
        assert actions.erase_ended(clock.moment + timedelta(seconds=1)) == {"partners.told": 1}
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"id": 1}', b"\xff"])
def test_nonsense_is_refused(other, content):
    assert other.post(content).status_code == 422


def test_the_document_names_every_message(client):
    spec = client.get("/partners/v1/openapi.json").get_json()
    page = client.get("/partners/v1/docs").get_data(as_text=True)

    assert spec["openapi"] == "3.1.0"
    for name in ("Envelope", "Offer", "Roster", "Move", "TripMove", "Colours", "Arrivals"):
        assert name in spec["components"]["schemas"]
    assert "transfer.offer" in page
