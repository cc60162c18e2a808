"""Photos of certificates on paper: added by an officer beside a scan, seen by the competent office and the worker."""

import base64
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.accounts.acting import Acting
from backend.accounts.models import AccessLog, Person
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock as clocks
from backend.core.db import db
from backend.core.files import store
from backend.core.transactions import transaction
from healthcode.codes import actions
from healthcode.codes.models import ReadingPhoto
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation, make_person
from tests.factories.api import phone_of
from tests.factories.cards import begin_shift, print_card
from tests.factories.codes import account_of, declare, make_issuer_key, show
from tests.factories.consoles import sign_in

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40


def make_officer(region: str = "520602", name: str = "铜仁站卡口") -> Acting:
    return make_acting(make_organisation(name, kind=OrganisationKind.CHECKPOINT, region=region), role=Role.OFFICER)


@pytest.fixture
def officer(client: FlaskClient, clock: Travel) -> Acting:
    del clock
    make_issuer_key()
    acting = make_officer()
    sign_in(client, acting)
    return acting


@pytest.fixture
def person(officer: Acting) -> Person:
    del officer
    worker = make_person()
    declare(worker)
    return worker


def scan(client: FlaskClient, text: str) -> str:
    """The key of a scan of this text."""
    key = uuid4().hex
    sent = {"text": text, "place_id": None, "request_key": key, "phone_time": clocks.now().isoformat()}
    assert client.post("/checkpoint/api/scans", json=sent).status_code == 200
    return key


def add(client: FlaskClient, scanned: str, content: bytes = JPEG, *, key: str = "", waited: float = 0) -> TestResponse:
    path = f"/checkpoint/api/readings/{scanned}/photos/{key or uuid4().hex}?waited={waited}"
    return client.post(path, data=content, content_type="image/jpeg")


def photos() -> list[ReadingPhoto]:
    return list(db.session.scalars(select(ReadingPhoto)))


def test_a_photo_that_comes_twice_is_one_and_lies_sealed(client: FlaskClient, person: Person) -> None:
    scanned, key = scan(client, show(person).text), uuid4().hex
    for _ in range(2):
        assert add(client, scanned, key=key).status_code == 201
    [photo] = photos()
    assert photo.person_id == person.id
    assert JPEG[20:60] not in store().read(photo.stored_as)
    assert add(client, scanned, JPEG + b"other", key=key).status_code == 409


def test_a_paper_is_photographed_beside_a_card_of_somebody_without_a_phone(
    client: FlaskClient, officer: Acting, person: Person
) -> None:
    begin_shift(officer)
    card = print_card(person, make_acting())
    key = uuid4().hex
    assert client.post("/checkpoint/api/cards", json={"text": card.text, "request_key": key}).status_code == 200
    assert add(client, key).status_code == 201
    assert [photo.person_id for photo in photos()] == [person.id]


@pytest.mark.parametrize(
    "content",
    [
        JPEG + bytes(20 * 1024 * 1024),
        b"",
        b"%PDF-1.7 a document",
        b"<script>alert(1)</script>",
        b"GIF89a" + bytes(100),
        b"\x00" * 100,
    ],
    ids=["20 MB", "nothing", "pdf", "html", "gif", "zeros"],
)
def test_what_is_too_large_or_no_photo_is_refused(client: FlaskClient, person: Person, content: bytes) -> None:
    answer = add(client, scan(client, show(person).text), content)
    assert answer.status_code == 422
    assert answer.json is not None
    assert "重新拍" in answer.json["error"]["message"]
    assert photos() == []


def test_a_photo_belongs_to_a_scan_of_ones_own(client: FlaskClient, person: Person) -> None:
    scanned = scan(client, show(person).text)
    sign_in(client, make_officer(name="铜仁南站卡口"))
    assert add(client, scanned).status_code == 404
    assert add(client, uuid4().hex).status_code == 404
    unknown = scan(client, "不是码")
    assert add(client, unknown).status_code == 422
    assert photos() == []


def test_three_photos_within_an_hour_of_the_scan(client: FlaskClient, person: Person, clock: Travel) -> None:
    scanned = scan(client, show(person).text)
    clock.shift(timedelta(hours=5))
    assert add(client, scanned).status_code == 422
    for _ in range(3):
        assert add(client, scanned, waited=5 * 3600 - 60).status_code == 201
    assert add(client, scanned, waited=5 * 3600 - 60).status_code == 409
    assert add(client, scanned, waited=-1).status_code == 422


def test_the_government_of_the_home_and_of_the_checkpoint_open_it_and_the_worker_reads_so(
    client: FlaskClient, person: Person
) -> None:
    add(client, scan(client, show(person).text))
    [photo] = photos()
    tongren = make_acting()
    sign_in(client, tongren)
    assert person.name_mask in client.get("/console/photos/").text
    opened = client.get(f"/console/photos/{photo.id}")
    assert opened.data == JPEG
    assert opened.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in opened.headers["Content-Security-Policy"]
    logged = db.session.scalars(select(AccessLog).where(AccessLog.organisation_id == tongren.organisation_id)).all()
    assert [one.purpose for one in logged] == ["核对纸质证明（铜仁站卡口拍摄）"]
    kunshan = make_acting(make_organisation("昆山市人力资源和社会保障局", region="320583"))
    sign_in(client, kunshan)
    assert client.get(f"/console/photos/{photo.id}").status_code == 404
    assert "还没有照片" in client.get("/console/photos/").text


def test_the_government_of_a_region_in_transit_does_not_see_it(client: FlaskClient, person: Person) -> None:
    sign_in(client, make_officer("431202", "怀化西收费站卡口"))
    assert add(client, scan(client, show(person).text)).status_code == 201
    [photo] = photos()
    sign_in(client, make_acting(make_organisation("怀化市人力资源和社会保障局", region="431200")))
    assert client.get(f"/console/photos/{photo.id}").status_code == 404
    sign_in(client, make_acting())
    assert client.get(f"/console/photos/{photo.id}").status_code == 200


def test_the_worker_sees_the_own_photos_and_nobody_elses(client: FlaskClient, person: Person) -> None:
    add(client, scan(client, show(person).text))
    [photo] = photos()
    api = phone_of(client, account_of(person))
    [listed] = api.get(f"/people/{person.id}/photos").json
    assert (listed["office"], listed["place"], listed["size"]) == ("铜仁站卡口", "铜仁站卡口", len(JPEG))
    picture = api.get(f"/people/{person.id}/photos/{photo.id}").json
    assert (picture["kind"], base64.b64decode(picture["content"])) == ("image/jpeg", JPEG)
    other = make_person()
    stranger = phone_of(client, account_of(other))
    assert stranger.get(f"/people/{other.id}/photos/{photo.id}").status_code == 404
    assert stranger.get(f"/people/{person.id}/photos/{photo.id}").status_code == 404


def test_after_14_days_photo_and_file_are_gone(client: FlaskClient, person: Person) -> None:
    add(client, scan(client, show(person).text))
    [photo] = photos()
    name = photo.stored_as
    with transaction():
        assert actions.erase_photos(clocks.now() - timedelta(minutes=1)) == {"codes.reading_photo": 0}
    with transaction():
        assert actions.erase_photos(clocks.now() + timedelta(minutes=1)) == {"codes.reading_photo": 1}
    assert photos() == []
    assert not store().exists(name)


def test_others_than_officers_add_none(client: FlaskClient, person: Person) -> None:
    scanned = scan(client, show(person).text)
    sign_in(client, make_acting())
    assert add(client, scanned).status_code == 403
