"""A roster of 100,000 rows: taking it in, and paging through it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from urllib.parse import quote
from uuid import UUID

import psutil
import psycopg
from sqlalchemy import make_url

from backend.accounts.acting import Acting
from backend.accounts.queries import get_operator
from backend.core.db import db
from healthcode.transfers import queries
from healthcode.transfers.models import Transfer
from healthcode.transfers.queries import EntryFilter, Sort
from healthcode.transfers.rules import ImportState
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.rounds import Side, compare, http
from tests.benchmarks.setting import Setting, served, sign_in
from tests.conftest import ROOT
from tests.factories import rosters
from tests.factories.transfers import departs, make_offices, make_transfer, roster_file, send

ROWS, FEW_ROWS = 100_000, 1_000
IMPORTS = 3
IMPORT_PATIENCE = 600
PAGES = 60
"""Requests of a round."""
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    peak: int
    """Bytes that the importing process and its children held together at most."""


def measure_import(setting: Setting) -> Iterator[Figure]:
    """Ours: from the uploaded file to the committed roster, through the action and the task."""
    file = rosters.write_xlsx(setting.config.data_dir / "roster.xlsx", rosters.lines(ROWS, departs=_departs(setting)))
    runs: dict[str, list[Run]] = {"ours": [], "floor": []}
    for _ in range(IMPORTS):
        for way, done in runs.items():
            done.append(_import(setting, way, file))
    ours, floor = (median(run.seconds for run in runs[way]) for way in ("ours", "floor"))
    mine, least = (max(run.peak for run in runs[way]) / MEGABYTE for way in ("ours", "floor"))
    yield Figure("transfers.import_100k", "s", ours, floor, Bound.RATIO_AT_MOST, 3)
    yield Figure("transfers.import_memory", "MB", mine, least, Bound.LESS_THAN, 400)


def _departs(setting: Setting) -> str:
    with setting.app.app_context():
        return departs()


def _import(setting: Setting, way: str, file: Path) -> Run:
    """One run into an empty roster in a database without others."""
    _empty(setting)
    with setting.app.app_context():
        origin, destination = make_offices()
        transfer_id = make_transfer(origin, destination).id
    result = setting.config.data_dir / "import.json"
    log = setting.config.data_dir / f"import-{way}.log"
    command = [sys.executable, "-m", "tests.benchmarks.importing", way, str(file), str(transfer_id)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, str(origin.operator_id), str(result)],
            cwd=ROOT,
            env=setting.environment,
            stdout=output,
            stderr=output,
        )
        together = _watch(psutil.Process(process.pid))
    if process.wait():
        raise RuntimeError(f"the import stopped: {log.read_text(encoding='utf-8')[-1500:]}")
    found = json.loads(result.read_text(encoding="ascii"))
    return Run(found["seconds"], max(found["peak"], together))


def _watch(process: psutil.Process) -> int:
    """Wait for a process's end; the most bytes that it and its children held at one moment, five times a second."""
    most, until = 0, time.monotonic() + IMPORT_PATIENCE
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > until:
            process.kill()
        most = max(most, sum(map(_resident, [process, *process.children(recursive=True)])))
        time.sleep(0.2)
    return most


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _empty(setting: Setting) -> None:
    """No roster, and no figures of one."""
    as_owner(setting, "TRUNCATE transfers.transfer, accounts.organisation CASCADE")


def as_owner(setting: Setting, statement: str) -> None:
    """Run a statement as the role that owns the tables."""
    url = make_url(setting.config.database_owner_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statement)


def measure_page(setting: Setting) -> Iterator[Figure]:
    """Ours: the roster page of 100,000 rows; the floor: the same page of 1,000. Signed in, from top and middle, by
    name and number, filtered and searched.
    """
    _empty(setting)
    with setting.app.app_context():
        origin, destination = make_offices()
        operator = get_operator(origin.operator_id)
        username = operator.username if operator else ""
        many, few = (_fill(make_transfer(origin, destination), origin, rows) for rows in (ROWS, FEW_ROWS))
    as_owner(setting, "ANALYZE")
    with served(setting) as port:
        headers = {"Cookie": sign_in(port, username)}

        def side(paths: list[str]) -> Side:
            requests = [http("GET", path, headers) for path in paths]
            return Side(port, lambda: list(islice(cycle(requests), PAGES)))

        ours, floor = compare(side(many), side(few), connections=1)
    yield Figure("transfers.roster_page", "ms", 1000 / ours.rate, 1000 / floor.rate, Bound.RATIO_AT_MOST, 1.2)


def _fill(transfer: Transfer, by: Acting, rows: int) -> list[str]:
    """The addresses of pages of a transfer's roster, once it has so many rows."""
    transfer_id = transfer.id
    done = send(transfer, by, roster_file(rosters.lines(rows, departs=departs())))
    if done.state is not ImportState.DONE:
        raise RuntimeError(f"the import ended as {done.state}: {done.refusal}")
    filled = db.session.get_one(Transfer, transfer_id)
    middle = _middle(filled, rows)
    asked = ["", "sort=number", f"after={middle}", f"sort=number&after={middle}", "colour=grey&claimed=no", "search=杨"]
    return [f"/console/transfers/{transfer_id}/roster/?{quote(query, safe='=&')}" for query in asked]


def _middle(transfer: Transfer, rows: int) -> UUID:
    """A row far from the list's ends, by number."""
    found = queries.list_entries(transfer, filter=EntryFilter(search=f"{rows // 2:05d}"), sort=Sort.NUMBER)
    return found[0].entry.id
