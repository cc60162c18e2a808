"""`flask transfers import`, as a clerk's administrator runs it."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.accounts.models import Operator
from backend.core.db import db
from backend.core.requests import Application
from healthcode.transfers.models import Entry
from tests.factories import rosters
from tests.factories.transfers import departs, make_offices, make_transfer

pytestmark = pytest.mark.usefixtures("clock")


def test_a_file_goes_in_with_a_progress_bar_and_a_summary(app: Application, tmp_path: Path) -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    username = db.session.get_one(Operator, origin.operator_id).username
    first = rosters.write_xlsx(tmp_path / "first.xlsx", rosters.lines(20, departs=departs()))
    second = rosters.write_xlsx(tmp_path / "second.xlsx", rosters.lines(22, departs=departs()))
    options = ["--transfer", str(transfer.id), "--operator", username]
    run = app.test_cli_runner().invoke

    done = run(args=["transfers", "import", str(first), *options])
    assert done.exit_code == 0, done.output
    assert "新增 20" in done.output
    more = run(args=["transfers", "import", str(second), *options, "--yes"])
    assert more.exit_code == 0, more.output
    assert "新增 2，变化 0，相同 20" in more.output
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 22


def test_a_stranger_and_a_bad_file_get_a_sentence(app: Application, tmp_path: Path) -> None:
    origin, destination = make_offices()
    transfer = make_transfer(origin, destination)
    username = db.session.get_one(Operator, origin.operator_id).username
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"no workbook at all")
    run = app.test_cli_runner().invoke

    stranger = run(args=["transfers", "import", str(bad), "--transfer", str(transfer.id), "--operator", "nobody"])
    assert (stranger.exit_code, "nobody" in stranger.output) == (1, True)
    refused = run(args=["transfers", "import", str(bad), "--transfer", str(transfer.id), "--operator", username])
    assert refused.exit_code == 1
    assert "Traceback" not in refused.output
