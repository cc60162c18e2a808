"""The pages by which a device comes to show a place's code, and of the office whose place it is."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import db
from backend.core.requests import Application
from healthcode.itinerary.models import Place, Screen
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.itinerary import make_place

pytestmark = pytest.mark.usefixtures("app", "clock")


@pytest.fixture
def by(app: Application, clock: Travel) -> Acting:
    del app, clock
    return make_acting()


@pytest.fixture
def place(by: Acting) -> Place:
    return make_place(by)[0]


@pytest.fixture
def desk(app: Application, by: Acting) -> FlaskClient:
    client = app.test_client()
    sign_in(client, by)
    return client


@pytest.fixture
def tablet(app: Application) -> FlaskClient:
    return app.test_client()


def add(desk: FlaskClient, place: Place, name: str = "一号门") -> str:
    """Add a screen as an official does; the path of its link."""
    answer = desk.post(f"/console/places/{place.id}/screens", data={"name": name}, headers=SAME_SITE)
    assert answer.status_code == 302
    found = re.search(r"/screen/open/[\w-]+", desk.get(answer.headers["Location"]).text)
    assert found is not None
    return found[0]


def bind(tablet: FlaskClient, link: str) -> str:
    answer = tablet.post(link, headers=SAME_SITE)
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_from_the_office_to_the_tablet_at_the_gate(desk, tablet, place):
    link = add(desk, place)
    assert "在这台设备上显示" in tablet.get(link).text
    page = bind(tablet, link)
    assert "铜仁火车站" in tablet.get(page).text
    codes = tablet.get(f"{page}codes.json").json
    assert len(codes["links"]) == 61
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/p/[\w-]{22}\.\d+\.[\w-]{22}", codes["links"][0])
    shown = desk.get(f"/console/places/{place.id}").text
    assert "起使用" in shown
    assert "2026-03-22 12:00" in shown


def test_looking_at_the_link_binds_nothing(desk, tablet, place):
    link = add(desk, place)
    for _ in range(2):
        tablet.get(link)
    assert db.session.scalars(select(Screen.bound_at)).one() is None


def test_a_second_device_gets_nothing(app, desk, tablet, place):
    link = add(desk, place)
    page = bind(tablet, link)
    other = app.test_client()
    assert other.post(link, headers=SAME_SITE).status_code == 409
    assert other.get(page).status_code == 403
    assert other.get(f"{page}codes.json").status_code == 403
    assert "已经在一台设备上打开" in other.get(link).text


def test_the_tablets_cookie_opens_nothing_else(desk, tablet, place):
    page = bind(tablet, add(desk, place))
    assert tablet.get("/console/").status_code == 302
    cookie = tablet.get_cookie("screen", path=page)
    assert cookie is not None
    assert cookie.http_only
    other = bind(tablet, add(desk, place, "二号门"))
    assert other != page
    assert tablet.get(page).status_code == tablet.get(other).status_code == 200


def test_a_revoked_screen_is_told_so_and_listed(desk, tablet, place):
    page = bind(tablet, add(desk, place))
    screen_id = page.split("/")[2]
    for _ in range(2):
        answer = desk.post(f"/console/places/{place.id}/screens/{screen_id}/revoke", headers=SAME_SITE)
        assert answer.status_code == 302
    assert tablet.get(f"{page}codes.json").status_code == 403
    assert "停用" in desk.get(f"/console/places/{place.id}").text


def test_the_second_click_adds_no_second_screen(desk, place):
    add(desk, place)
    answer = desk.post(f"/console/places/{place.id}/screens", data={"name": "一号门"}, headers=SAME_SITE)
    assert answer.status_code == 409
    assert "已有名为" in answer.text
    assert len(db.session.scalars(select(Screen)).all()) == 1


def test_a_link_that_waited_a_day_is_gone_and_the_page_says_so(desk, tablet, by, place, clock):
    link = add(desk, place)
    screen_id = db.session.scalars(select(Screen.id)).one()
    clock.shift(timedelta(hours=24, minutes=1))
    assert tablet.get(link).status_code == 404
    assert tablet.post(link, headers=SAME_SITE).status_code == 404
    sign_in(desk, by)
    assert "已经失效" in desk.get(f"/console/places/{place.id}/screens/{screen_id}").text


@pytest.mark.parametrize(
    ("kind", "region", "role"),
    [
        (OrganisationKind.GOVERNMENT, "320583", Role.OFFICIAL),
        (OrganisationKind.GOVERNMENT, "520602", Role.OFFICIAL),
        (OrganisationKind.CHECKPOINT, "520602", Role.OFFICER),
    ],
)
def test_other_offices_neither_add_nor_see_nor_revoke_screens(app, desk, place, kind, region, role):
    add(desk, place)
    screen_id = db.session.scalars(select(Screen.id)).one()
    other = app.test_client()
    sign_in(other, make_acting(make_organisation("别的单位", kind=kind, region=region), role=role))
    base = f"/console/places/{place.id}/screens"
    assert other.get(f"{base}/{screen_id}").status_code in {403, 404}
    for path in (base, f"{base}/{screen_id}/revoke"):
        assert other.post(path, data={"name": "x"}, headers=SAME_SITE).status_code in {403, 404}
    assert db.session.scalars(select(Screen.revoked_at)).one() is None


def test_an_ordinary_link_with_a_minute_opens_the_worker_pages(desk, tablet, place, client):
    page = bind(tablet, add(desk, place))
    link = tablet.get(f"{page}codes.json").json["links"][0]
    path = "/p/" + link.rsplit("/", 1)[1]
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/w/?q=")
