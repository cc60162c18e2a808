"""Printing identity cards: by the transfer's two offices, for who has no phone; logged, and lost by an official."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.accounts.models import AccessLog, Holding, Person
from backend.core.db import db
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.privacy.models import Export
from healthcode.codes.card_sheet import Face, PerPage, card_sheet
from healthcode.codes.models import Card
from healthcode.codes.rules import COLOUR_NAMES
from healthcode.transfers.models import Entry
from healthcode.transfers.rules import State
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.boarding import Door, people_of
from tests.factories.codes import make_issuer_key
from tests.factories.consoles import sign_in
from tests.factories.transfers import make_roster, take_to

PURPOSE = {"purpose": "发给没有手机的乘客", "per_page": "10"}


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    """Four on the roster, of whom the first two have phones."""
    del app, clock
    make_issuer_key()
    transfer, origin, destination = make_roster(4, state=State.DEPARTING)
    people_of(2)
    return Door(transfer, None, origin, destination)  # type: ignore[arg-type] # no vehicle is needed here


def sheet(client: FlaskClient, door: Door, **form: str) -> TestResponse:
    return client.post(f"/console/transfers/{door.transfer.id}/cards/sheet/", data=PURPOSE | form)


def holders() -> list[int]:
    cards = select(Card.person_id).where(Card.ended_at.is_(None))
    return sorted(db.session.scalars(select(Entry.number).where(Entry.person_id.in_(cards))))


def test_cards_are_printed_for_those_without_a_phone_and_written_down(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    page = client.get(f"/console/transfers/{door.transfer.id}/cards/")
    assert "<strong>2 人</strong>" in page.text
    answer = sheet(client, door)
    assert answer.mimetype == "application/pdf"
    assert holders() == [3, 4]
    logs = db.session.scalars(select(AccessLog)).all()
    assert {log.subject_index for log in logs} == {door.entry(3).resident_id_index, door.entry(4).resident_id_index}
    assert {log.purpose for log in logs} == {"打印身份卡：发给没有手机的乘客"}
    [export] = db.session.scalars(select(Export)).all()
    assert (export.rows, export.document) == (2, f"身份卡：{door.transfer.title}")
    pages = PdfReader(BytesIO(answer.data)).pages
    assert all(str(export.id) in page.extract_text() for page in pages), "the watermark names the entry of the log"
    assert "此卡只证明身份，不代表健康状况" in pages[0].extract_text()
    assert not any(colour in pages[0].extract_text() for colour in COLOUR_NAMES.values())


def test_whoever_registers_later_is_the_person_of_the_card(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    sheet(client, door)
    made = door.entry(3).person_id
    assert db.session.scalars(select(Holding.id).where(Holding.person_id == made)).all() == []
    registered = people_of(3)[2]
    assert registered.id == made


def test_a_second_click_prints_nothing_twice_and_a_new_card_ends_the_old(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    sheet(client, door)
    again = sheet(client, door)
    assert again.status_code == 409
    assert "换新卡" in again.text
    assert sheet(client, door, who="all").status_code == 200
    assert holders() == [1, 2, 3, 4]
    assert sorted(db.session.scalars(select(Card.version).where(Card.ended_at.is_(None)))) == [1, 1, 2, 2]


@pytest.mark.parametrize("wrong", [{"purpose": ""}, {"purpose": "无"}, {"per_page": "9"}, {"per_page": "inf"}])
def test_without_a_purpose_or_a_size_nothing_is_printed(client: FlaskClient, door: Door, wrong: dict[str, str]) -> None:
    sign_in(client, door.origin)
    assert sheet(client, door, **wrong).status_code == 422
    assert holders() == []


def test_the_destination_prints_as_well_once_it_has_agreed_and_strangers_never(client: FlaskClient, door: Door) -> None:
    sign_in(client, make_acting(make_organisation("遵义市人社局", region="520300")))
    assert sheet(client, door).status_code == 404
    assert client.get(f"/console/workers/{door.entry(3).id}/cards/").status_code == 404
    sign_in(client, door.destination)
    assert sheet(client, door).status_code == 200
    assert holders() == [3, 4]


def test_before_it_has_agreed_the_destination_prints_nothing(client: FlaskClient, app: Application) -> None:
    del app
    make_issuer_key()
    transfer, origin, destination = make_roster(2, state=State.OFFERED)
    sign_in(client, destination)
    assert sheet(client, Door(transfer, None, origin, destination)).status_code == 403  # type: ignore[arg-type]
    assert holders() == []


def test_an_ended_transfer_gives_no_cards(client: FlaskClient, door: Door) -> None:
    take_to(door.transfer, State.CLOSED, door.origin, door.destination)
    sign_in(client, door.origin)
    assert sheet(client, door).status_code == 409


def test_an_official_sees_one_persons_cards_and_writes_a_loss_down(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    page = f"/console/workers/{door.entry(3).id}/cards/"
    assert "还没有打印过" in client.get(page).text
    assert client.post(f"{page}sheet/", data=PURPOSE).mimetype == "application/pdf"
    card = db.session.scalars(select(Card)).one()
    assert client.post(f"{page}{card.id}/loss").status_code == 302
    assert "已挂失" in client.get(page).text
    assert client.post(f"/console/workers/{door.entry(4).id}/cards/{card.id}/loss").status_code == 409
    with transaction():
        assert db.session.get_one(Person, card.person_id).verified_at is not None


def test_the_sheet_says_what_a_card_is_and_fits_ten_or_eight_a_page() -> None:
    face = Face("LHC1:ABC", "杨**", "8127", "1234 567 890", 1, "2026-06-20", "铜仁市人力资源和社会保障局", "12333")
    for per_page, pages in ((PerPage.TEN, 2), (PerPage.EIGHT, 2)):
        content = card_sheet([face] * (per_page + 1), mark="某单位 王经办 打印", per_page=per_page)
        assert len(PdfReader(BytesIO(content)).pages) == pages
