from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as clocks
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.transactions import transaction
from healthcode.codes import actions, queries
from healthcode.codes.models import Reading
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import Colour, Fault, Outcome
from healthcode.itinerary.models import Place
from healthcode.itinerary.queries import itinerary_of
from healthcode.itinerary.rules import Presence, Source
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.codes import declare, show
from tests.factories.itinerary import make_place


@pytest.fixture
def officer(person: Person) -> Acting:
    """An officer of the checkpoint at Tongren's station."""
    del person
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    return make_acting(station, role=Role.OFFICER)


@pytest.fixture
def place(officer: Acting) -> Place:
    return make_place(officer)[0]


def scan(
    text: str,
    by: Acting,
    place: Place | None = None,
    *,
    key: str = "",
    phone_time: datetime | None = None,
    waited: timedelta = timedelta(0),
) -> ReadResult:
    with transaction():
        return actions.read_code(
            text=text,
            by=by,
            place_id=place.id if place else None,
            request_key=key or new_key().hex,
            phone_time=phone_time,
            waited=waited,
        )


def count_readings() -> int:
    return db.session.scalar(select(func.count()).select_from(Reading)) or 0


def test_a_green_code_passes_with_name_and_number_to_compare(person: Person, officer: Acting, place: Place) -> None:
    declare(person)
    result = scan(show(person).text, officer, place)
    assert (result.outcome, result.colour) == (Outcome.PASSES, Colour.GREEN)
    assert (result.first_character, result.last_four) == ("杨", person.resident_id_mask[-4:])
    assert result.warning == ""
    (reading,) = queries.list_readings(person)
    assert (reading[1], reading[3]) == ("铜仁站卡口", "铜仁火车站")


def test_the_meeting_is_a_proven_point_of_the_itinerary(person: Person, officer: Acting, place: Place) -> None:
    declare(person)
    scan(show(person).text, officer, place)
    (point,) = itinerary_of(person)
    assert (point.source, point.presence, point.region_code) == (Source.OFFICER, Presence.PROVEN, "520602")


@pytest.mark.parametrize(
    ("declared", "colour"), [({"temperature": 380}, Colour.YELLOW), ({"contact": True}, Colour.RED)]
)
def test_yellow_and_red_are_refused_and_say_why(
    person: Person, officer: Acting, declared: dict[str, int], colour: Colour
) -> None:
    verdict = declare(person, **declared)  # type: ignore[arg-type] # the table's facts
    result = scan(show(person).text, officer)
    assert (result.outcome, result.colour, result.reason) == (Outcome.REFUSED, colour, verdict.fact)
    assert "不要放行" in result.next_step


def test_missing_facts_never_pass(person: Person, officer: Acting) -> None:
    result = scan(show(person).text, officer)
    assert (result.outcome, result.colour) == (Outcome.REFUSED, Colour.GREY)


def test_a_colour_that_changed_since_the_code_was_shown_is_seen(person: Person, officer: Acting) -> None:
    declare(person)
    code = show(person)
    declare(person, abroad=True)
    result = scan(code.text, officer)
    assert (result.outcome, result.colour) == (Outcome.REFUSED, Colour.RED)
    assert result.reason.startswith("亮码后由绿码变为红码")


def test_a_code_is_out_of_date_two_minutes_after_its_end(person: Person, officer: Acting, clock: Travel) -> None:
    declare(person)
    code = show(person)
    clock.set(code.expires_at + timedelta(minutes=2))
    assert scan(code.text, officer).outcome is Outcome.PASSES
    clock.shift(timedelta(seconds=1))
    result = scan(code.text, officer)
    assert (result.outcome, result.first_character) == (Outcome.OUT_OF_DATE, "杨")
    assert "过期" in result.reason


def test_an_out_of_date_code_proves_no_presence(person: Person, officer: Acting, place: Place, clock: Travel) -> None:
    declare(person)
    code = show(person)
    clock.shift(timedelta(hours=1))
    scan(code.text, officer, place)
    assert itinerary_of(person) == []


def test_a_code_from_the_future_cannot_be_checked(person: Person, officer: Acting, clock: Travel) -> None:
    declare(person)
    clock.shift(timedelta(minutes=2))
    early = show(person)
    clock.shift(timedelta(seconds=1))
    late = show(person)
    clock.shift(-timedelta(minutes=2, seconds=1))
    assert scan(early.text, officer).outcome is Outcome.PASSES
    result = scan(late.text, officer)
    assert (result.outcome, result.fault) == (Outcome.CANNOT_BE_CHECKED, Fault.AHEAD)


@pytest.mark.parametrize(
    ("off", "outcome"),
    [
        (120, Outcome.PASSES),
        (-120, Outcome.PASSES),
        (121, Outcome.CANNOT_BE_CHECKED),
        (-121, Outcome.CANNOT_BE_CHECKED),
    ],
)
def test_a_phone_whose_clock_is_off_checks_nothing(person: Person, officer: Acting, off: int, outcome: Outcome) -> None:
    declare(person)
    result = scan(show(person).text, officer, phone_time=clocks.now() + timedelta(seconds=off))
    assert result.outcome is outcome
    if outcome is Outcome.CANNOT_BE_CHECKED:
        assert (result.fault, result.first_character) == (Fault.CLOCK, "")


def test_the_same_code_at_a_second_place_is_a_warning(person: Person, officer: Acting, place: Place) -> None:
    other, _ = make_place(officer, name="铜仁南站")
    declare(person)
    code = show(person)
    assert not scan(code.text, officer, place).seen_elsewhere
    assert not scan(code.text, officer, place).seen_elsewhere
    result = scan(code.text, officer, other)
    assert result.seen_elsewhere
    assert "截图" in result.warning
    assert [point.presence for point in itinerary_of(person) if point.place_name == "铜仁南站"] == [Presence.UNPROVEN]


def test_a_fresh_code_at_a_second_place_is_none(person: Person, officer: Acting, place: Place) -> None:
    other, _ = make_place(officer, name="铜仁南站")
    declare(person)
    scan(show(person).text, officer, place)
    assert not scan(show(person).text, officer, other).seen_elsewhere


def test_the_same_request_is_one_reading_with_the_same_answer(
    person: Person, officer: Acting, place: Place, clock: Travel
) -> None:
    declare(person)
    code = show(person)
    first = scan(code.text, officer, place, key="one")
    clock.shift(timedelta(minutes=1))
    assert scan(code.text, officer, place, key="one") == first
    declare(person, contact=True)
    again = scan(code.text, officer, place, key="one")
    assert (again.outcome, again.colour) == (Outcome.PASSES, Colour.GREEN)
    assert count_readings() == 1
    assert len(itinerary_of(person)) == 1


def test_a_key_used_for_another_code_is_refused(person: Person, officer: Acting) -> None:
    scan(show(person).text, officer, key="one")
    with pytest.raises(Conflict):
        scan(show(person).text, officer, key="one")


def test_scans_of_a_phone_without_network_are_judged_by_when_they_were_made(
    person: Person, officer: Acting, place: Place, clock: Travel
) -> None:
    declare(person)
    code = show(person)
    clock.shift(timedelta(hours=6))
    result = scan(code.text, officer, place, key="one", waited=timedelta(hours=5, minutes=58))
    assert result.outcome is Outcome.PASSES
    assert scan(code.text, officer, place, key="one", waited=timedelta(hours=5, minutes=58)) == result
    assert count_readings() == 1
    with pytest.raises(Invalid, match="7 天"):
        scan(code.text, officer, place, waited=timedelta(days=8))
    with pytest.raises(Invalid):
        scan(code.text, officer, place, waited=timedelta(seconds=-1))


def test_a_place_of_another_office_is_not_found(person: Person, officer: Acting) -> None:
    declare(person)
    kunshan = make_acting(make_organisation("昆山市人社局", region="320583"))
    elsewhere, _ = make_place(kunshan, name="昆山站", region="320583")
    for text in (show(person).text, "nonsense"):
        with pytest.raises(NotFound):
            scan(text, officer, elsewhere)
    assert count_readings() == 0


def test_what_cannot_be_read_is_kept_without_a_person(officer: Acting) -> None:
    assert scan("https://weixin.qq.com/q/x", officer).fault is Fault.OTHER_SYSTEM
    reading = db.session.scalars(select(Reading)).one()
    assert (reading.person_id, reading.code_id, reading.fault) == (None, None, "other_system")


def test_a_code_of_nobody_cannot_be_checked(person: Person, officer: Acting) -> None:
    display = queries.Display(UUID(int=7), "王*", "0000", queries.status_of(person), None, None, None, pending=False)
    result = scan(actions.issue_code(display=display, at=clocks.now()).text, officer)
    assert result.fault is Fault.UNKNOWN_PERSON


def test_a_reading_takes_one_select(
    person: Person, officer: Acting, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(person)
    text, place_id = show(person).text, place.id
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def listen(cursor: psycopg.Cursor, query: str | bytes, *arguments: object, **options: object) -> object:
        statements.append(query if isinstance(query, str) else query.decode())
        return execute(cursor, query, *arguments, **options)  # type: ignore[arg-type] # as it came

    monkeypatch.setattr(psycopg.Cursor, "execute", listen)
    with transaction():
        actions.read_code(text=text, by=officer, place_id=place_id, request_key="one")
    assert [statement.split()[0] for statement in statements] == ["SELECT", "INSERT", "WITH"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.text(max_size=700),
        st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=400).map("LH1:{}".format),
    )
)
@example("LH1:")
@example("\x00")
@example("ＬＨ１：")
@example("LH1:" + "0" * 500)
def test_whatever_the_text_is_the_answer_is_an_outcome(officer: Acting, text: str) -> None:
    assert scan(text, officer).outcome is Outcome.CANNOT_BE_CHECKED


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_changed_code_never_passes(person: Person, officer: Acting, data: st.DataObject) -> None:
    declare(person)
    text = show(person).text
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from(["", "0", "Z", ":", " ", "A0"]))
    changed = text[:at] + put + text[at + 1 :]
    if changed != text:
        assert scan(changed, officer).outcome is Outcome.CANNOT_BE_CHECKED
