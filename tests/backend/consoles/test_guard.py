"""Signing in, staying signed in, acting for an office."""

from datetime import timedelta

import pytest

from backend.accounts import actions
from backend.accounts.models import Operator
from backend.accounts.queries import list_acting
from backend.accounts.rules import OrganisationKind, Role
from backend.consoles.guard import local_path, office_key
from backend.core.db import db
from backend.core.transactions import transaction
from tests.factories.accounts import PASSWORD, make_acting, make_organisation
from tests.factories.consoles import SAME_SITE, sign_in

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def official(app):
    del app
    return make_acting(username="tongren")


def post_sign_in(client, username="tongren", password=PASSWORD, **form):
    return client.post("/console/sign-in", data={"username": username, "password": password, **form}, headers=SAME_SITE)


@pytest.mark.usefixtures("official")
def test_a_right_password_leads_to_the_start_page(client):
    answer = post_sign_in(client)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/console/"
    assert "王经办" in client.get("/console/").text


@pytest.mark.usefixtures("official")
def test_after_signing_in_one_goes_on_where_one_wanted_to(client):
    asked = client.get("/console/claims/?after=")
    assert asked.headers["Location"] == "/console/sign-in?next=/console/claims/?after%3D"

    answer = post_sign_in(client, next="/console/claims/")

    assert answer.headers["Location"] == "/console/claims/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/console\\@evil.example", "javascript:a()", "/w/"],
)
def test_nobody_is_sent_to_another_site(elsewhere):
    assert local_path(elsewhere) == "/console/"


@pytest.mark.usefixtures("official")
def test_a_wrong_password_shows_the_form_again_with_the_name_typed(client):
    answer = post_sign_in(client, password="wrong")

    assert answer.status_code == 401
    assert "用户名或密码不对" in answer.text
    assert 'value="tongren"' in answer.text
    assert "wrong" not in answer.text


@pytest.mark.usefixtures("official")
def test_too_many_wrong_passwords_say_how_long_to_wait(client):
    for _ in range(10):
        post_sign_in(client, password="wrong")

    answer = post_sign_in(client)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "操作太频繁" in answer.text


def test_an_operator_of_several_offices_chooses_one(client, official):
    second = make_organisation("贵阳市人力资源和社会保障局", region="520100")
    with transaction():
        operator = db.session.get_one(Operator, official.operator_id)
        actions.add_membership(operator=operator, organisation=second, role=Role.OFFICIAL)
    post_sign_in(client)

    asked = client.get("/console/")
    assert asked.headers["Location"].startswith("/console/offices")
    choice = client.get("/console/offices").text
    assert "贵阳市人力资源和社会保障局" in choice
    other = next(acting for acting in list_acting(official.operator_id) if acting.organisation_id == second.id)
    client.post("/console/offices", data={"office": office_key(other)}, headers=SAME_SITE)

    assert "贵阳市人力资源和社会保障局" in client.get("/console/").text


def test_nobody_acts_for_an_office_not_their_own(client, official):
    stranger = make_acting(make_organisation("昆山市人力资源和社会保障局", region="320583"), username="kunshan")
    sign_in(client, official)

    answer = client.post("/console/offices", data={"office": office_key(stranger)}, headers=SAME_SITE)

    assert answer.status_code == 403


def test_a_session_ends_after_twelve_hours(client, official, clock):
    sign_in(client, official)
    clock.shift(timedelta(hours=11, minutes=59))
    assert client.get("/console/").status_code == 200

    clock.shift(timedelta(minutes=1))

    assert client.get("/console/").headers["Location"].startswith("/console/sign-in")


def test_a_disabled_operator_is_out_at_the_next_request(client, official):
    sign_in(client, official)
    with transaction():
        actions.disable_operator(operator=db.session.get_one(Operator, official.operator_id))

    assert client.get("/console/").status_code == 302


def test_ending_all_sessions_ends_this_one(client, official):
    sign_in(client, official)
    with transaction():
        actions.end_sessions(operator=db.session.get_one(Operator, official.operator_id))

    assert client.get("/console/").status_code == 302


def test_signing_out_ends_the_session_here(client, official):
    sign_in(client, official)
    client.post("/console/sign-out", headers=SAME_SITE)

    assert client.get("/console/").status_code == 302


def test_a_page_of_another_role_is_refused(client):
    platform = make_organisation("平台", kind=OrganisationKind.PLATFORM)
    sign_in(client, make_acting(platform, role=Role.ADMINISTRATOR))

    answer = client.get("/console/transfers/")

    assert answer.status_code == 403
    assert "不能使用这个页面" in answer.text


def test_an_officer_begins_at_the_checkpoint_page(client):
    checkpoint = make_organisation("铜仁站查验点", kind=OrganisationKind.CHECKPOINT, region="520602")
    sign_in(client, make_acting(checkpoint, role=Role.OFFICER))

    assert client.get("/console/").headers["Location"] == "/checkpoint/"


def test_a_write_from_another_site_is_refused(client, official):
    sign_in(client, official)

    answer = client.post("/console/sign-out", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert client.get("/console/").status_code == 200


def test_a_fragment_asked_for_without_a_session_sends_the_page_to_the_sign_in(client):
    answer = client.get(
        "/console/picks/governments",
        headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/console/transfers/new"},
    )

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/console/sign-in?next=/console/transfers/new"


def test_pages_carry_a_strict_policy_and_nothing_inline(client, official):
    sign_in(client, official)

    answer = client.get("/console/")

    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval'" not in policy.replace("wasm-unsafe-eval'", "")
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text
    assert "<style" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_unknown_address_is_told_as_a_page(client):
    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert answer.content_type.startswith("text/html")
