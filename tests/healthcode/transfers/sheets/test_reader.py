import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backend.core.errors import Invalid
from healthcode.transfers import sheets
from tests.factories import rosters


def test_leaving_early_leaves_no_process_behind(tmp_path: Path) -> None:
    path = rosters.write_xlsx(tmp_path / "a.xlsx", rosters.lines(20_000))
    others = _children()
    with sheets.read(path) as roster:
        next(roster.rows)

    assert _children() <= others


def test_a_killed_reader_is_a_refusal(tmp_path: Path) -> None:
    path = rosters.write_xlsx(tmp_path / "a.xlsx", rosters.lines(20_000))
    others = _children()
    with sheets.read(path) as roster:
        next(roster.rows)
        (child,) = _children() - others
        os.kill(child, signal.SIGKILL)
        with pytest.raises(Invalid) as caught:
            list(roster.rows)

    assert caught.value.code == "transfers.roster.too_complex"


def test_100_000_rows_take_under_250_mb_in_both_processes(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    path = rosters.write_xlsx(tmp_path / "a.xlsx", rosters.lines(100_000))
    script = """
import json, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from healthcode.transfers import rows, sheets
checker = rows.Checker(datetime(2020, 3, 20, tzinfo=UTC))
with sheets.read(Path(sys.argv[1])) as roster:
    good = sum(isinstance(checker.check(raw), rows.Row) for raw in roster.rows)
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
own = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
print(json.dumps([good, (child + own) // 1024]))
"""
    told = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, check=True, cwd=pytestconfig.rootpath
    )

    good, megabytes = json.loads(told.stdout)
    assert good == 100_000
    assert megabytes < 250


def _children() -> set[int]:
    """This process's children; the services that the tests share are among them."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}
