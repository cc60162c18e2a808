"""Reports of a transfer: who may ask for one, what it says to whom, that it opens right and is written down."""

import io
import re
from datetime import datetime, timedelta

import openpyxl
import pypdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import AccessLog, Account, Holding, Membership
from backend.accounts.rules import TERMS_VERSION, Purpose
from backend.core import clock as clocks
from backend.core.db import db, new_key
from backend.core.files import store
from backend.core.requests import Application
from backend.core.transactions import transaction
from backend.privacy.models import Export
from healthcode.checks import actions as checks
from healthcode.checks.rules import Check
from healthcode.reports import actions, tasks
from healthcode.reports.models import Report
from healthcode.reports.rules import MOST_TRIES, ReportState
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.rules import State
from tests.conftest import Travel
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.boarding import HANDOVER, Door, make_door
from tests.factories.consoles import SAME_SITE, sign_in
from tests.factories.transfers import make_roster, take_to

ASKED = {"format": "excel", "purpose": "输送结束，存档", "key": "asked-once"}
SHEETS = [
    "封面",
    "办理经过",
    "按车次的人数",
    "对不上的人",
    "测温和发热",
    "途中情况和交接",
    "检查发现及处理",
    "建档立卡贫困户",
    "全部人员",
]


@pytest.fixture
def door(app: Application, clock: Travel) -> Door:
    """A coach of five that arrived: number 4 was struck, number 5 stayed, number 2 had a fever and was handed over."""
    del app
    door = make_door(5)
    clock.shift(timedelta(hours=5))
    door.board(1, 2, 3)
    door.take(door.said(MarkKind.STRUCK, 4, words="家里有事"))
    door.leave()
    clock.shift(timedelta(hours=2))
    door.take(door.said(MarkKind.MEASURED, 1, temperature=365), door.said(MarkKind.MEASURED, 2, temperature=384))
    clock.shift(timedelta(hours=1))
    door.take(door.said(MarkKind.COUNTED, heads=2), door.said(MarkKind.TO_HEALTH, 2, place=HANDOVER))
    clock.shift(timedelta(hours=9))
    door.arrive("昆山汽车客运中心")
    return door


def page(door: Door) -> str:
    return f"/console/transfers/{door.transfer.id}/reports/"


def ask(client: FlaskClient, door: Door, **more: str) -> Report:
    """Ask for a report and make it, as a worker would."""
    answer = client.post(page(door), data=ASKED | {"key": new_key().hex} | more, headers=SAME_SITE)
    assert answer.status_code == 302, answer.text
    report = db.session.scalars(select(Report).order_by(Report.id.desc()).limit(1)).one()
    tasks.make(str(report.id))
    db.session.expire_all()
    return report


def fetched(client: FlaskClient, door: Door, **more: str) -> bytes:
    report = ask(client, door, **more)
    assert report.state is ReportState.DONE, report.refusal
    return client.get(f"{page(door)}{report.id}").data


def sheets(content: bytes) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def printed(content: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def test_the_workbook_has_a_sheet_for_each_question(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    book = sheets(fetched(client, door))
    assert list(book) == SHEETS
    (vehicle,) = [row for row in book["按车次的人数"] if row[0] == door.trip.vehicle]
    assert vehicle[5:11] == (5, 3, 2, 0, 3, 0)
    assert {row[5] for row in book["对不上的人"][2:]} == {"退出", "没有上车", "移交卫健部门"}
    assert "家里有事" in str(book["对不上的人"])
    assert any(row[3] == 38.4 for row in book["测温和发热"])
    told = str(book["途中情况和交接"])
    assert "应有 3 人，清点 2 人" in told
    assert HANDOVER in told
    assert len(book["全部人员"]) == 2 + 5


def test_dates_are_dates_numbers_are_numbers_and_text_is_no_formula(client: FlaskClient, door: Door) -> None:
    with transaction():
        door.entry(3).enterprise = '=HYPERLINK("http://x","y")'
    sign_in(client, door.origin)
    book = openpyxl.load_workbook(io.BytesIO(fetched(client, door)))
    everybody = book["全部人员"]
    assert everybody.freeze_panes == "A3"
    assert everybody.column_dimensions["F"].width > 20
    assert everybody["F5"].data_type == "s"
    assert everybody["F5"].quotePrefix
    vehicles = book["按车次的人数"]
    assert isinstance(vehicles["D3"].value, datetime)
    assert vehicles["D3"].value == clocks.local(door.trip.departed_at).replace(tzinfo=None, second=0, microsecond=0)
    assert vehicles["F3"].data_type == "n"


def test_the_pdf_says_the_same_on_numbered_pages_without_the_long_list(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.destination)
    content = fetched(client, door, format="pdf")
    text = printed(content)
    assert content.startswith(b"%PDF")
    for said in ("按车次的人数", "家里有事", "38.4", HANDOVER, "第 1 页，共", "昆山市人力资源和社会保障局"):
        assert said in text, said
    assert "全部人员" not in text
    (export,) = db.session.scalars(select(Export)).all()
    assert str(export.id) in text
    assert ASKED["purpose"] == export.purpose


def test_names_are_masked_unless_asked_for_and_then_each_person_reads_why(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    assert "*" in str(sheets(fetched(client, door))["全部人员"][2][1])
    assert db.session.scalars(select(AccessLog)).all() == []
    named = sheets(fetched(client, door, named="yes"))["全部人员"]
    assert all("*" not in str(row[1]) for row in named[2:])
    assert not re.search(r"\d{17}[\dX]", str(named))
    logged = db.session.scalars(select(AccessLog)).all()
    assert [one.fields for one in logged] == [["姓名"]] * 5
    assert {one.purpose for one in logged} == {ASKED["purpose"]}


def test_a_pdf_opens_only_the_names_that_stand_in_it(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    fetched(client, door, format="pdf", named="yes")
    assert len(db.session.scalars(select(AccessLog)).all()) == 3


def test_who_does_not_share_is_in_the_destinations_report_without_place_and_temperature(
    client: FlaskClient, door: Door
) -> None:
    account = select(Holding.account_id).where(Holding.person_id == door.entry(2).person_id)
    with transaction():
        accounts.agree(
            account=db.session.get_one(Account, db.session.scalars(account).one()),
            choices={Purpose.SHARING: False},
            version=TERMS_VERSION,
        )
    sign_in(client, door.destination)
    text = printed(fetched(client, door, format="pdf", named="yes"))
    assert "38.4" not in text
    assert HANDOVER not in text
    assert "1 人没有同意共享" in text.replace("\n", ""), text
    sign_in(client, door.origin)
    assert "38.4" in printed(fetched(client, door, format="pdf"))


def test_findings_stand_there_with_how_they_were_closed(client: FlaskClient, door: Door) -> None:
    with transaction():
        checks.run_check(check=Check.HEALTH)
    sign_in(client, door.origin)
    rows = sheets(fetched(client, door))["检查发现及处理"]
    assert len(rows) > 2
    assert isinstance(rows[2][3], datetime)


def test_asking_twice_with_one_key_makes_one_report(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    for _ in range(2):
        assert client.post(page(door), data=ASKED, headers=SAME_SITE).status_code == 302
    (report,) = db.session.scalars(select(Report)).all()
    assert "正在生成" in client.get(page(door)).text
    for _ in range(2):
        tasks.make(str(report.id))
    assert len(db.session.scalars(select(Export)).all()) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"purpose": "查"}, "至少 4 个字"),
        ({"format": "word"}, "请选择 Excel 或 PDF"),
        ({"purpose": "长" * 101}, "最多写"),
    ],
)
def test_a_wrong_request_says_what_to_mend(client: FlaskClient, door: Door, given: dict[str, str], said: str) -> None:
    sign_in(client, door.origin)
    answer = client.post(page(door), data=ASKED | given, headers=SAME_SITE)
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalars(select(Report)).all() == []


def test_a_report_is_its_askers_alone(client: FlaskClient, door: Door) -> None:
    sign_in(client, door.origin)
    report = ask(client, door)
    address = f"{page(door)}{report.id}"
    for other in (door.destination, make_acting(make_organisation("遵义市人力资源和社会保障局", region="520300"))):
        sign_in(client, other)
        assert client.get(address).status_code == 404


def test_another_government_can_ask_for_nothing(client: FlaskClient, door: Door) -> None:
    sign_in(client, make_acting(make_organisation("遵义市人力资源和社会保障局", region="520300")))
    assert client.get(page(door)).status_code == 404
    assert client.post(page(door), data=ASKED, headers=SAME_SITE).status_code == 404


def test_names_wait_until_the_destination_has_agreed(client: FlaskClient, app: Application, clock: Travel) -> None:
    del app, clock
    transfer, _, destination = make_roster(3, state=State.OFFERED)
    sign_in(client, destination)
    address = f"/console/transfers/{transfer.id}/reports/"
    answer = client.post(address, data=ASKED | {"named": "yes"}, headers=SAME_SITE)
    assert answer.status_code == 403
    assert "不勾选完整姓名" in answer.text


def close(door: Door) -> None:
    take_to(door.transfer, State.CLOSED, door.origin, door.destination)


def asked(client: FlaskClient, door: Door, by: Acting) -> Report:
    sign_in(client, by)
    client.post(page(door), data=ASKED, headers=SAME_SITE)
    return db.session.scalars(select(Report)).one()


def test_after_fourteen_days_the_destination_gets_no_report(client: FlaskClient, door: Door, clock: Travel) -> None:
    close(door)
    report = asked(client, door, door.destination)
    clock.shift(timedelta(days=15))
    tasks.make(str(report.id))
    db.session.expire_all()
    assert report.state is ReportState.REFUSED
    assert "查看期限已过" in (report.refusal or "")
    assert db.session.scalars(select(Export)).all() == []


def test_who_left_the_office_gets_no_report(client: FlaskClient, door: Door) -> None:
    report = asked(client, door, door.origin)
    with transaction():
        for membership in db.session.scalars(select(Membership).where(Membership.operator_id == report.operator_id)):
            db.session.delete(membership)
    tasks.make(str(report.id))
    db.session.expire_all()
    assert report.state is ReportState.REFUSED


def test_a_report_that_breaks_each_worker_is_refused_in_the_end(client: FlaskClient, door: Door) -> None:
    report = asked(client, door, door.origin)
    for _ in range(MOST_TRIES):
        with transaction():
            assert actions.take(report_id=report.id)
    tasks.make(str(report.id))
    db.session.expire_all()
    assert report.state is ReportState.REFUSED
    sign_in(client, door.origin)
    assert "没有做成" in client.get(page(door)).text


def test_a_week_later_report_and_document_are_gone(client: FlaskClient, door: Door, clock: Travel) -> None:
    sign_in(client, door.origin)
    report = ask(client, door)
    file = report.file or ""
    assert store().exists(file)
    clock.shift(timedelta(days=8))
    with transaction():
        assert actions.erase_old(clocks.now() - timedelta(days=7)) == {"reports.report": 1}
    assert not store().exists(file)
