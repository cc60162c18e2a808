"""The pages of those who name receivers, and of a receiver on the own phone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from backend.core.config import Config
from backend.core.crypto import unseal
from backend.core.requests import Application
from healthcode.transfers import queries
from healthcode.transfers.tasks import send_link
from tests.conftest import Travel
from tests.factories.boarding import Door, make_door
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.handovers import EMPLOYER, PHONE, STROKES, code_for, name_receiver, token_of
from tests.factories.sandbox import Sandbox, start_sandbox, stop_sandbox

pytestmark = pytest.mark.usefixtures("app", "clock")


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    del app
    door = make_door(3)
    door.board(1, 2)
    door.leave()
    clock.shift(timedelta(hours=20))
    return door


@pytest.fixture
def sandbox(config: Config, tmp_path: Path) -> Iterator[Sandbox]:
    process = start_sandbox(config.port + 1, tmp_path / "sandbox.sqlite3")
    yield Sandbox(config.sandbox_url)
    stop_sandbox(process)


def base(door: Door) -> str:
    return f"/console/transfers/{door.transfer.id}/trips/{door.trip.id}/handover"


def test_the_link_comes_by_sms_once_and_names_nobody(door: Door, sandbox: Sandbox) -> None:
    receiver_id = str(name_receiver(door).id)
    for _ in range(2):
        send_link(receiver_id)
    sent = [one["text"] for one in sandbox.look("sms") if one["phone"] == PHONE]
    assert len(sent) == 1
    found = re.search(r"/receive/open/(\S+)", sent[0])
    assert found is not None
    assert queries.find_link(found[1]) is not None
    assert "周" not in sent[0]
    assert "贵D" not in sent[0]


def test_from_the_link_to_the_signature(client: FlaskClient, door: Door, app: Application) -> None:
    sign_in(client, door.destination)
    form = {"name": "周主管", "phone": PHONE, "employer": EMPLOYER}
    named = client.post(f"{base(door)}/receivers", data=form, headers=SAME_SITE, follow_redirects=True)
    assert "短信已发出，还没有打开" in named.text
    (receiver,) = queries.list_receivers(door.trip)
    token = token_of(receiver)

    phone = app.test_client()
    page = phone.get(f"/receive/open/{token}")
    assert "138****0001" in page.text
    assert unseal(door.entry(1).name) not in page.text
    asked = phone.post(f"/receive/open/{token}/code", headers=SAME_SITE)
    assert "短信验证码" in asked.text
    opened = phone.post(f"/receive/open/{token}", data={"code": code_for(PHONE)}, headers=SAME_SITE)
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert f"Path=/receive/{receiver.id}/" in cookie
    url = opened.headers["Location"]
    shown = phone.get(url)
    assert unseal(door.entry(1).name) in shown.text
    assert "绿码" not in shown.text, "an employer sees no health data"
    assert "no-store" in shown.headers["Cache-Control"]
    assert app.test_client().get(url).status_code == 403

    for number in (1, 2):
        said = {"key": "k" * 32, "entry_id": door.entry(number).id, "kind": "received"}
        told = phone.post(f"{url}answers", data=said, headers=SAME_SITE | {"HX-Request": "true"})
        assert told.status_code == 200
    assert "都核对过了" in told.text
    bad = phone.post(f"{url}signature", data={"strokes": "[]"}, headers=SAME_SITE)
    assert bad.status_code == 422
    assert "签写全名" in bad.text
    done = phone.post(f"{url}signature", data={"strokes": STROKES}, headers=SAME_SITE, follow_redirects=True)
    assert "已签收：接到 2 人" in done.text
    assert "还没有生成" not in client.get(f"{base(door)}/").text


def test_both_governments_see_it_and_print_the_form_with_a_purpose(client: FlaskClient, door: Door) -> None:
    name_receiver(door)
    sign_in(client, door.origin)
    page = client.get(f"{base(door)}/").text
    assert "周**" in page
    assert "安排接收人" not in page
    assert client.post(f"{base(door)}/form", data={"purpose": "看"}, headers=SAME_SITE).status_code == 422
    printed = client.post(f"{base(door)}/form", data={"purpose": "随车携带"}, headers=SAME_SITE)
    assert printed.mimetype == "application/pdf"
    assert printed.data.startswith(b"%PDF")
    assert client.post(f"{base(door)}/signed", data={"purpose": "归档"}, headers=SAME_SITE).status_code in {404, 422}
    other = {"name": "某人", "phone": PHONE, "employer": EMPLOYER}
    assert client.post(f"{base(door)}/receivers", data=other, headers=SAME_SITE).status_code == 403


@pytest.mark.parametrize("nonsense", [{}, {"entry_id": "x", "kind": "received"}, {"kind": "boarded"}])
def test_nonsense_and_strangers_get_nowhere(client: FlaskClient, door: Door, nonsense: dict[str, str]) -> None:
    receiver = name_receiver(door)
    assert client.get("/receive/open/guessed").status_code == 404
    assert client.post("/receive/open/guessed/code", headers=SAME_SITE).status_code == 404
    client.set_cookie("receiver", "guessed", path=f"/receive/{receiver.id}/")
    url = f"/receive/{receiver.id}"
    assert client.get(f"{url}/").status_code == 403
    assert client.post(f"{url}/answers", data=nonsense, headers=SAME_SITE).status_code == 403
    assert client.post(f"{url}/signature", data={"strokes": STROKES}, headers=SAME_SITE).status_code == 403
