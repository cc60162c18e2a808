"""What is past its time goes, what isn't stays, and the report says so and can't be changed unseen."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.accounts.acting import Acting
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as core_clock
from backend.core import partitions
from backend.core.db import db
from backend.core.transactions import transaction
from backend.evidence import queries as evidence
from backend.notices.models import Message
from backend.notices.rules import Kind
from backend.privacy import queries, tasks
from backend.privacy.models import ErasureReport
from backend.privacy.rules import Line
from healthcode.codes.models import ColourChange
from healthcode.itinerary.models import LastSeen, Sighting
from healthcode.itinerary.rules import Presence, Source
from healthcode.transfers.models import Entry, Transfer
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.codes import declare
from tests.factories.consoles import sign_in
from tests.factories.transfers import make_roster

SIGHTINGS = "itinerary.sighting"


@pytest.fixture(autouse=True)
def days(app, superuser: psycopg.Connection) -> Iterator[None]:
    """The tests' days are there before, and again afterwards: others live in them too."""
    del app
    make = (
        "SELECT core.make_partition(t.name, d::date) FROM core.daily_table t"
        " CROSS JOIN generate_series(date '2026-03-07', date '2026-03-22', interval '1 day') d WHERE t.kept_days > 0"
    )
    superuser.execute(make)
    yield
    db.session.rollback()
    superuser.execute(make)


def run() -> ErasureReport:
    tasks.erase.run()
    found = queries.get_newest_report()
    assert found is not None
    return found


def lines_of(report: ErasureReport) -> dict[str, Line]:
    return {line.table: line for line in map(Line.from_json, report.lines)}


def see(person_id, at: datetime) -> None:
    with transaction():
        sighting = {"source": Source.POSITION, "presence": Presence.PROVEN, "located": True, "request_key": "k" * 8}
        db.session.add(Sighting(day=core_clock.local(at).date(), person_id=person_id, at=at, **sighting))


@pytest.fixture
def supervisor(app) -> Acting:
    del app
    return make_acting(make_organisation("监管局", kind=OrganisationKind.REGULATOR), role=Role.SUPERVISOR)


@pytest.mark.usefixtures("clock")
def test_a_day_past_its_time_goes_as_a_whole_and_is_reported():
    gone, kept = date(2026, 3, 7), date(2026, 3, 8)
    person = make_person()
    for day in (gone, kept):
        see(person.id, datetime(day.year, day.month, day.day, 4, tzinfo=core_clock.now().tzinfo))

    line = lines_of(run())[SIGHTINGS]

    assert (line.days, line.rows, line.kept_from, line.problem) == ([gone.isoformat()], 1, kept, "")
    assert db.session.query(Sighting.day).scalar() == kept


def test_a_report_is_written_once_a_day_even_when_nothing_was_due(clock: Travel):
    first = run()
    assert run().id == first.id, "the day has its report"
    assert lines_of(first)["codes.declaration"].rows == 0
    clock.shift(timedelta(days=1))
    assert run().id != first.id


def test_rows_go_by_their_age_and_younger_ones_stay(clock: Travel):
    person = make_person()
    for days in (32, 31):
        with transaction():
            at = clock.moment - timedelta(days=days)
            db.session.add(ColourChange(person_id=person.id, before="grey", after="green", reasons=[], at=at))
    with transaction():
        told = {"person_id": person.id, "kind": Kind.COLOUR, "title": "旧", "body": "", "page": "code"}
        db.session.add(Message(topic="old", created_at=clock.moment - timedelta(days=181), **told))
        db.session.add(Message(topic="new", created_at=clock.moment, **told))
        seen = clock.moment - timedelta(days=15)
        db.session.add(LastSeen(person_id=person.id, sign_at=clock.moment, at=seen, lon=1.0, lat=1.0))

    lines = lines_of(run())

    assert lines["codes.colour_change"].rows == 1
    assert db.session.query(ColourChange).count() == 1
    assert lines["notices.message"].rows == 1
    assert [row.topic for row in db.session.query(Message)] == ["new"]
    assert lines["itinerary.last_seen"].rows == 1
    assert db.session.query(LastSeen.lon, LastSeen.at).one() == (None, None)


def test_a_roster_goes_half_a_year_after_its_transfer_ended(clock: Travel):
    old, _, _ = make_roster(3)
    with transaction():
        db.session.get_one(Transfer, old.id).ended_at = clock.moment - timedelta(days=181)

    assert lines_of(run())["transfers.entry"].rows == 3
    assert db.session.query(Entry).count() == 0
    assert db.session.get_one(Transfer, old.id).entries == 3, "what was counted stays"


@pytest.mark.usefixtures("clock")
def test_nobody_erases_rows_inside_their_period():
    with pytest.raises(DBAPIError, match="inside the retention"):
        partitions.erase_aged("accounts.access_log", datetime.now(core_clock.SHANGHAI))
    db.session.rollback()
    with pytest.raises(DBAPIError):
        partitions.erase_aged("accounts.person", core_clock.now() - timedelta(days=9999))
    db.session.rollback()


@pytest.mark.usefixtures("clock")
def test_what_fails_is_in_the_report_and_is_tried_again(monkeypatch: pytest.MonkeyPatch):
    def fails(table: str, before: datetime) -> int:
        del before
        return db.session.scalar(text("SELECT 1/0")) if table == "codes.colour_change" else 0

    with monkeypatch.context() as broken:
        broken.setattr(partitions, "erase_aged", fails)
        failed = run()
    line = lines_of(failed)["codes.colour_change"]
    assert "没有删除成功" in line.problem
    assert failed.failed == 1
    assert lines_of(failed)["notices.message"].problem == "", "the others went on"
    assert queries.get_gauges()["linghuo_erasure_failed"][1] == 1.0

    again = run()
    assert again.id != failed.id
    assert again.failed == 0
    assert queries.get_gauges()["linghuo_erasure_failed"][1] == 0.0


@pytest.mark.usefixtures("clock")
def test_a_report_is_recorded_and_a_changed_one_is_found_out(client, superuser: psycopg.Connection, supervisor: Acting):
    report = run()
    assert evidence.get_record(report.id).kind == "privacy.erasure"
    sign_in(client, supervisor)
    assert report.day.isoformat() in client.get("/console/erasures/").get_data(as_text=True)
    url = f"/console/erasures/{report.id}"
    assert "与存证日志一致" in client.get(url).get_data(as_text=True)

    with pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(text("UPDATE privacy.erasure_report SET failed = 0"))
    db.session.rollback()
    superuser.execute("UPDATE privacy.erasure_report SET lines = jsonb_set(lines, '{0,rows}', '7')")

    db.session.expire_all()
    page = client.get(url).get_data(as_text=True)
    assert "不可信" in page
    assert "与存证日志一致" not in page


@pytest.mark.usefixtures("clock")
def test_a_report_that_nobody_recorded_is_not_believed(client, supervisor: Acting):
    with transaction():
        made_up = ErasureReport(day=core_clock.today(), at=core_clock.now(), lines=[], failed=0)
        db.session.add(made_up)
    sign_in(client, supervisor)
    assert "存证日志里没有这份报告" in client.get(f"/console/erasures/{made_up.id}").get_data(as_text=True)


@pytest.mark.usefixtures("clock")
def test_a_bank_does_not_read_the_reports(client):
    report = run()
    sign_in(client, make_acting(make_organisation("某银行", kind=OrganisationKind.BANK), role=Role.SUPERVISOR))
    assert "/console/erasures/" not in client.get("/console/").get_data(as_text=True)
    for url in ("/console/erasures/", f"/console/erasures/{report.id}"):
        assert client.get(url).status_code == 404


@pytest.mark.usefixtures("clock")
def test_what_was_declared_today_stays():
    person = make_person()
    declare(person)
    assert lines_of(run())["codes.declaration"].rows == 0
    assert db.session.execute(text("SELECT count(*) FROM codes.declaration")).scalar() == 1
