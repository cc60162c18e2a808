"""Claims, places, maps, findings, the platform: what their pages show and do; and what all pages have in common."""

import gzip
import json
import re
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.models import AccessLog, Holding, Operator, Organisation
from backend.accounts.queries import list_acting
from backend.accounts.rules import HoldingState, OrganisationKind, Relation, Role
from backend.core.db import db
from backend.core.transactions import transaction
from backend.regions.maps import edition
from healthcode.checks import actions as checks
from healthcode.checks.rules import Check
from healthcode.itinerary.models import Place, Poster
from tests.factories.accounts import make_account, make_acting, make_organisation, make_person, resident_id
from tests.factories.codes import declare
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.itinerary import make_place
from tests.factories.transfers import make_roster

INLINE = re.compile(r"<(style|script)(?![^>]*(src=|type=\"application/json\"))[^>]*>|\s(style|on[a-z]+)=\"")
WORDS = re.compile(r">[^<]*[A-Za-z]{4,}[^<]*<")
MEANT = {"Excel", ".xlsx", "Word", "GPS"}


@pytest.fixture
def acting(app):
    del app
    return make_acting()


@pytest.fixture
def clerk(client: FlaskClient, acting) -> FlaskClient:
    sign_in(client, acting)
    return client


@pytest.fixture
def claim(app) -> Holding:
    """Somebody on no roster, who said that they are from Tongren."""
    del app
    with transaction():
        return accounts.hold(
            account=make_account(),
            name="冉小芳",
            resident_id=resident_id(),
            relation=Relation.SELF,
            until=None,
            verified=False,
            region_code="520602",
        )


@pytest.fixture
def platform(client: FlaskClient, app) -> FlaskClient:
    del app
    sign_in(client, make_acting(make_organisation("平台", kind=OrganisationKind.PLATFORM), role=Role.ADMINISTRATOR))
    return client


def test_a_claim_waits_until_the_clerk_confirms_it_with_a_reason(clerk, claim):
    assert "冉**" in clerk.get("/console/claims/").text
    address = f"/console/claims/{claim.id}"

    refused = clerk.post(address, data={"decision": "confirm", "note": ""}, headers=SAME_SITE)
    assert refused.status_code == 422
    assert "请写明核实方式" in refused.text

    confirmed = clerk.post(address, data={"decision": "confirm", "note": "已打电话核对"}, headers=SAME_SITE)
    assert confirmed.status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Holding, claim.id).state is HoldingState.CONFIRMED
    assert "没有等待核实的身份" in clerk.get("/console/claims/").text


def test_a_claim_is_revealed_only_for_a_purpose(clerk, claim):
    address = f"/console/claims/{claim.id}/reveal"

    assert clerk.post(address, data={"purpose": "?"}, headers=SAME_SITE).status_code == 422
    assert "冉小芳" in clerk.post(address, data={"purpose": "打电话核对"}, headers=SAME_SITE).text
    assert db.session.scalars(select(AccessLog)).one().fields == ["姓名", "身份证号"]


def test_another_regions_claim_is_not_found(client, claim):
    sign_in(client, make_acting(make_organisation("昆山市人力资源和社会保障局", region="320583")))

    assert client.get(f"/console/claims/{claim.id}").status_code == 404
    form = {"decision": "confirm", "note": "冒充的"}
    assert client.post(f"/console/claims/{claim.id}", data=form, headers=SAME_SITE).status_code == 404


def place_form(**changes: str) -> dict[str, str]:
    given = {"name": "铜仁站进站口", "region_code": "520602", "lon": "109.19", "lat": "27.72"}
    return given | {"datum": "gcj02", "radius_m": "300"} | changes


def test_a_place_is_made_with_a_poster_to_print(clerk):
    assert "碧江区" in clerk.get("/console/picks/regions?q=碧江").text

    answer = clerk.post("/console/places/new", data=place_form(), headers=SAME_SITE)

    place = db.session.scalars(select(Place)).one()
    assert answer.headers["Location"] == f"/console/places/{place.id}"
    poster = clerk.get(f"/console/places/{place.id}/poster").text
    assert "<path d=" in poster
    assert "贵州省铜仁市碧江区" in poster


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("region_code", "000000"), ("lon", "东经"), ("lat", "nan"), ("datum", "mars"), ("radius_m", "5")],
)
def test_a_wrong_place_is_shown_again(clerk, field, value):
    answer = clerk.post("/console/places/new", data=place_form(**{field: value}), headers=SAME_SITE)

    assert answer.status_code == 422
    assert "铜仁站进站口" in answer.text or field == "name"
    assert db.session.scalars(select(Place)).all() == []


def test_a_renewed_poster_ends_the_old_one(clerk, acting):
    place, _ = make_place(acting)

    clerk.post(f"/console/places/{place.id}/renew", headers=SAME_SITE)

    db.session.expire_all()
    posters = db.session.scalars(select(Poster).order_by(Poster.version)).all()
    assert [poster.revoked_at is not None for poster in posters] == [True, False]
    assert "作废" in clerk.get(f"/console/places/{place.id}").text


def test_outlines_come_packed_and_may_be_kept(clerk):
    answer = clerk.get(f"/console/map/520600.json?v={edition()}")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "max-age" in answer.headers["Cache-Control"]
    assert "碧江区" in {f["properties"]["name"] for f in json.loads(gzip.decompress(answer.data))["features"]}
    assert clerk.get("/console/map/999999.json").status_code == 404


def test_the_map_says_in_a_table_where_people_are(client, app):
    del app
    transfer, origin, _ = make_roster(3)
    sign_in(client, origin)

    for path in (f"/console/transfers/{transfer.id}/map", "/console/headlines/"):
        text = client.get(path).text
        assert "另有 3 人还没有位置" in text
        assert "铜仁市" in text
        assert "审图号" in text


def test_findings_are_listed_by_kind_and_lead_to_the_worker(client, app, clock):
    del app, clock
    transfer, origin, _ = make_roster(3)
    with transaction():
        checks.run_check(check=Check.HEALTH)
    sign_in(client, origin)

    text = client.get("/console/findings/").text
    assert "未登记 3" in text
    assert text.count("/console/workers/") == 3
    assert client.get("/console/findings/?kind=silent").text.count("/console/workers/") == 0
    assert client.get("/console/findings/?kind=fate").status_code == 422
    assert "未登记" in client.get(f"/console/transfers/{transfer.id}").text


def test_the_administrator_makes_an_organisation_and_its_operator(platform):
    form = {"name": "遵义市人力资源和社会保障局", "kind": "government", "region_code": "520300"}
    assert platform.post("/console/platform/organisations", data=form, headers=SAME_SITE).status_code == 302
    office = db.session.scalars(select(Organisation).where(Organisation.region_code == "520300")).one()

    form = {"organisation": str(office.id), "name": "周经办", "username": "zunyi", "password": "a-long-password"}
    assert platform.post("/console/platform/operators", data=form, headers=SAME_SITE).status_code == 302

    operator = db.session.scalars(select(Operator).where(Operator.username == "zunyi")).one()
    assert [acting.role for acting in list_acting(operator.id)] == [Role.OFFICIAL]
    assert "zunyi" in platform.get("/console/platform/operators").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("username", "张三", "只能用字母和数字"),
        ("password", "short", "密码至少"),
        ("name", "", "请填写操作员姓名"),
        ("organisation", "x", "页面里的选项不对"),
        ("organisation", str(uuid4()), "没有找到"),
    ],
)
def test_a_wrong_operator_is_told_why(platform, field, value, sentence):
    office = make_organisation()
    form = {"organisation": str(office.id), "name": "周经办", "username": "zunyi", "password": "a-long-password"}

    answer = platform.post("/console/platform/operators", data=form | {field: value}, headers=SAME_SITE)

    assert answer.status_code in {404, 422}
    assert sentence in answer.text
    assert db.session.scalars(select(Operator).where(Operator.username == "zunyi")).all() == []


def test_a_disabled_operator_is_signed_out_everywhere_and_stays_so(app, platform):
    leaving = make_acting(username="leaving")
    other = app.test_client()
    sign_in(other, leaving)
    address = f"/console/platform/operators/{leaving.operator_id}"
    assert "可登录" in platform.get(address).text

    assert platform.post(f"{address}/disable", headers=SAME_SITE).status_code == 302

    assert other.get("/console/").status_code == 302
    assert "停用" in platform.get(address).text
    assert platform.post(f"{address}/disable", headers=SAME_SITE).status_code == 404


def test_nobody_disables_oneself(platform, app):
    del app
    oneself = db.session.scalars(select(Operator)).one()

    answer = platform.post(f"/console/platform/operators/{oneself.id}/disable", headers=SAME_SITE)

    assert answer.status_code == 409
    assert "不能停用自己" in answer.text


def test_an_operator_may_join_a_second_office(platform):
    operator = make_acting(username="busy")
    second = make_organisation("贵阳市人力资源和社会保障局", region="520100")

    address = f"/console/platform/operators/{operator.operator_id}"
    platform.post(f"{address}/offices", data={"organisation": str(second.id)}, headers=SAME_SITE)

    assert len(list_acting(operator.operator_id)) == 2


def test_the_administrator_sees_no_people(platform, claim):
    for path in ("/console/claims/", f"/console/claims/{claim.id}", "/console/transfers/", "/console/findings/"):
        assert platform.get(path).status_code == 403


def test_no_page_has_anything_inline_or_a_word_of_english(client, app, claim, clock):
    del app, clock
    transfer, origin, _ = make_roster(3)
    person = make_person(name="杨秀英")
    declare(person)
    place, _ = make_place(origin)
    sign_in(client, origin)
    worker = re.findall(r"/console/workers/[^/]+/", client.get(f"/console/transfers/{transfer.id}/roster/").text)[0]
    base = f"/console/transfers/{transfer.id}"
    paths = ["/console/", "/console/transfers/", "/console/transfers/new", "/console/findings/", "/console/claims/"]
    paths += [base, f"{base}/roster/", f"{base}/trips", f"{base}/findings", f"{base}/map", worker]
    paths += [f"{base}/reports/", f"{base}/reconciliation/", "/console/headlines/", "/console/headlines/poor"]
    paths += [f"/console/claims/{claim.id}", "/console/places/", "/console/places/new", f"/console/places/{place.id}"]
    paths += [f"/console/imports/of/{transfer.id}", "/console/accesses/", "/console/offices", "/console/sign-in?next=x"]
    for path in paths:
        text = client.get(path, follow_redirects=True).text
        assert not INLINE.search(text), f"{path}: {INLINE.search(text)}"
        english = WORDS.findall(re.sub(r"<head>.*?</head>", "", text, flags=re.DOTALL))
        assert not [w for w in english if not any(meant in w for meant in MEANT)], f"{path}: {english}"


def test_a_persons_full_number_is_on_no_list(client, app):
    del app
    transfer, origin, _ = make_roster(3)
    sign_in(client, origin)
    roster = client.get(f"/console/transfers/{transfer.id}/roster/").text

    assert not re.search(r"\d{17}[\dX]", re.sub(r"[0-9a-f-]{36}", "", roster))
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", re.sub(r"[0-9a-f-]{36}", "", roster))
