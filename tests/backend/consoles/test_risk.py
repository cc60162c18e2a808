from datetime import date
from io import BytesIO

import pytest
from openpyxl import Workbook

from backend.core.transactions import transaction
from healthcode.itinerary import actions
from healthcode.itinerary.cases import cases_of_2020
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.consoles import SAME_SITE, sign_in


@pytest.fixture
def office(app, clock):
    del app, clock
    with transaction():
        actions.compute_risk(counts=cases_of_2020(), day=date(2020, 3, 22), as_of=date(2026, 3, 22))
    return make_organisation()


def workbook(*rows) -> BytesIO:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


def test_the_list_is_narrowed_by_the_address(client, office):
    sign_in(client, make_acting(office))
    page = client.get("/console/risk/?level=high").text
    assert "武汉市" in page
    assert "贵阳市" not in page
    assert "贵阳市" in client.get("/console/risk/?search=贵阳").text
    assert "武汉市" not in client.get("/console/risk/?level=high&day=2025-01-01").text
    assert client.get("/console/risk/?day=x").status_code == 422
    assert "高风险" in client.get("/console/risk/regions/420106").text
    assert client.get("/console/risk/regions/999999").status_code == 404


def test_a_list_is_uploaded_by_one_and_put_into_force_by_another(client, office):
    sign_in(client, make_acting(office))
    file = workbook(["地区", "风险等级", "开始日期"], ["昆山市", "高风险", date(2026, 3, 20)], ["火星市", "高", ""])
    sent = client.post("/console/risk/lists", data={"file": (file, "名单.xlsx")}, headers=SAME_SITE)
    address = sent.headers["Location"]
    page = client.get(address).text
    assert "江苏省苏州市昆山市" in page
    assert "火星市" in page
    assert "火星市" in client.get(f"{address}/faults.csv").data.decode("utf-8-sig")
    assert client.post(f"{address}/confirm", headers=SAME_SITE).status_code == 403
    sign_in(client, make_acting(office))
    assert client.post(f"{address}/confirm", headers=SAME_SITE).status_code == 302
    assert "高风险" in client.get("/console/risk/regions/320583").text
    assert "名单.xlsx" in client.get("/console/risk/lists").text


def test_what_is_no_list_is_refused_on_the_page(client, office):
    sign_in(client, make_acting(office))
    for content, name in ((b"", "a.csv"), (b"\xff\xfe\x00PK", "a.xlsx"), (b"x", "a.exe"), ("你好\n".encode(), "a.csv")):
        answer = client.post("/console/risk/lists", data={"file": (BytesIO(content), name)}, headers=SAME_SITE)
        assert answer.status_code == 422, name
        assert "上传" in answer.text
