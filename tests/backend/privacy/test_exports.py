"""Whatever is taken out of the system says by whom, and is written down."""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.core.db import db
from backend.privacy.models import Export
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.consoles import sign_in
from tests.factories.transfers import make_roster

PURPOSE = "发车前核对名单"
LOG = "/console/exports/"


@pytest.mark.usefixtures("clock")
def test_an_exported_roster_carries_the_number_of_its_entry(client):
    transfer, origin, _ = make_roster(3)
    sign_in(client, origin)
    assert "还没有导出过" in client.get(LOG).get_data(as_text=True)

    answer = client.post(f"/console/transfers/{transfer.id}/export/", data={"purpose": PURPOSE})

    noted = db.session.query(Export).one()
    assert (noted.transfer_id, noted.rows, noted.purpose) == (transfer.id, 3, PURPOSE)
    assert (noted.operator_id, noted.organisation_id) == (origin.operator_id, origin.organisation_id)
    book = load_workbook(BytesIO(answer.data))
    assert str(noted.id) in book.properties.description
    for sheet in book.worksheets:
        assert str(noted.id) in sheet["A1"].value
        assert str(noted.id) in sheet.oddHeader.center.text
    page = client.get(LOG).get_data(as_text=True)
    assert str(noted.id) in page
    assert PURPOSE in page


@pytest.mark.usefixtures("clock")
def test_a_refused_export_is_none(client):
    transfer, origin, _ = make_roster(1)
    sign_in(client, origin)
    client.post(f"/console/transfers/{transfer.id}/export/", data={"purpose": "看"})
    assert db.session.query(Export).count() == 0


@pytest.mark.usefixtures("clock")
def test_another_office_sees_nothing_of_it(client):
    transfer, origin, _ = make_roster(1)
    sign_in(client, origin)
    client.post(f"/console/transfers/{transfer.id}/export/", data={"purpose": PURPOSE})
    sign_in(client, make_acting(make_organisation("另一个人社局", region="330100")))
    assert PURPOSE not in client.get(LOG).get_data(as_text=True)


@pytest.mark.usefixtures("app")
def test_an_entry_can_not_be_removed():
    with pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(text("DELETE FROM privacy.export"))
    db.session.rollback()
