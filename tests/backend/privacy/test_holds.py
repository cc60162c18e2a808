"""Days that an authority has asked to keep stay, for as long as it was said, and everybody who may look sees it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as core_clock
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.transactions import transaction
from backend.evidence.models import Record
from backend.privacy import actions, queries, tasks
from backend.privacy.models import Hold
from backend.privacy.rules import Line
from healthcode.itinerary.models import Sighting
from healthcode.itinerary.rules import Presence, Source
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.consoles import SAME_SITE, sign_in

pytestmark = pytest.mark.usefixtures("app", "clock")
GONE, OTHER = date(2026, 3, 6), date(2026, 3, 7)
PLACES = "itinerary.positions"
WORDS = {"authority": "铜仁市公安局", "document": "铜公调证〔2026〕3号", "reason": "协查一起失踪案件"}


@pytest.fixture(autouse=True)
def days(app, superuser: psycopg.Connection) -> Iterator[None]:
    """Two days that are due are there before; afterwards only the second, which others know too."""
    del app
    make = "SELECT core.make_partition('itinerary.sighting', d::date) FROM unnest(array[%s, %s]::date[]) d"
    superuser.execute(make, (GONE, OTHER))
    yield
    db.session.rollback()
    superuser.execute("SELECT core.drop_partition('itinerary.sighting', %s)", (GONE,))
    superuser.execute(make, (OTHER, OTHER))


@pytest.fixture
def administrator(app) -> Acting:
    del app
    return make_acting(make_organisation("平台", kind=OrganisationKind.PLATFORM), role=Role.ADMINISTRATOR)


def hold(by: Acting, first: date = GONE, last: date = GONE, days_held: int = 30, **more: str) -> Hold:
    said = {"kind_name": PLACES} | WORDS | more
    with transaction():
        return actions.hold(first=first, last=last, until=core_clock.today() + timedelta(days=days_held), by=by, **said)


def see(day: date) -> None:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=core_clock.SHANGHAI)
    with transaction():
        proof = {"source": Source.POSITION, "presence": Presence.PROVEN, "located": True, "request_key": "k" * 8}
        db.session.add(Sighting(day=day, person_id=make_person().id, at=at, **proof))


def seen() -> list[date]:
    return sorted(db.session.scalars(select(Sighting.day)))


def line() -> Line:
    report = queries.get_newest_report()
    assert report is not None
    return next(one for one in map(Line.from_json, report.lines) if one.table == "itinerary.sighting")


def test_a_held_day_stays_the_others_go_and_the_report_says_so(administrator: Acting) -> None:
    for day in (GONE, OTHER):
        see(day)
    hold(administrator)
    tasks.erase.run()
    assert seen() == [GONE]
    assert line().held == [GONE.isoformat()]
    assert OTHER.isoformat() in line().days
    assert db.session.scalars(select(Record.kind).where(Record.kind == "privacy.hold")).all() == ["privacy.hold"]


def test_it_ends_by_itself_or_when_it_is_lifted(administrator: Acting, clock: Travel) -> None:
    see(GONE)
    held = hold(administrator, days_held=1)
    kind = next(one for one in queries.list_held_kinds() if one.name == PLACES)
    assert queries.held_days(kind) == {GONE}
    clock.shift(timedelta(days=2))
    assert queries.held_days(kind) == set()
    with pytest.raises(Conflict, match="已经结束"):
        actions.lift(hold_id=held.id, by=administrator)

    again = hold(administrator)
    with transaction():
        actions.lift(hold_id=again.id, by=administrator)
    tasks.erase.run()
    assert seen() == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind_name": "accounts.people"}, "kind"),
        ({"kind_name": "nonsense"}, "kind"),
        ({"first": OTHER, "last": GONE}, "last_day"),
        ({"days_held": 91}, "until"),
        ({"days_held": -1}, "until"),
        ({"reason": "x"}, "reason"),
        ({"document": ""}, "document"),
    ],
)
def test_what_is_no_hold_is_refused_with_a_sentence(administrator: Acting, wrong: dict, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        hold(administrator, **wrong)
    assert field in refused.value.fields


def test_only_an_administrator_holds_and_governments_see_it(client: FlaskClient, administrator: Acting) -> None:
    official = make_acting(make_organisation("铜仁市人社局"))
    with pytest.raises(Forbidden):
        hold(official)
    sign_in(client, administrator)
    form = {"kind": PLACES, "first_day": str(GONE), "last_day": str(GONE), "until": str(core_clock.today())} | WORDS
    answer = client.post("/console/erasures/holds/", data=form, headers=SAME_SITE, follow_redirects=True)
    assert "留存中" in answer.text
    wrong = client.post("/console/erasures/holds/", data=form | {"until": "明天"}, headers=SAME_SITE)
    assert wrong.status_code == 422
    assert "请选择日期" in wrong.text
    sign_in(client, official)
    page = client.get("/console/erasures/").text
    assert "铜公调证〔2026〕3号" in page
    assert "登记留存" not in page
    assert client.post("/console/erasures/holds/", data=form, headers=SAME_SITE).status_code == 403
