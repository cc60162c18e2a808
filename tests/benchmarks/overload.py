"""Ten times the usual load for a minute: showing and scanning go on, extras give way, no accepted scan is lost.

The usual load is a twentieth of what the server can do at most, measured first; 11 displays come to 1 scan. Requests
come by a timetable, as people do. Meanwhile an office that sends 22,000 people asks for its figures and maps, more at
once than extras have threads.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from sqlalchemy import func, select

from backend.accounts import tokens
from backend.accounts.queries import get_operator
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock
from backend.core.db import db
from backend.regions import names
from backend.regions.centroids import centroid
from healthcode.codes.models import Reading
from tests.benchmarks.checking import FEW, lay_out
from tests.benchmarks.codes import CONNECTIONS, Holder, declared, issue, scan_body
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.rosters import as_owner
from tests.benchmarks.rounds import BUSIEST_LOAD, Side, ask, http
from tests.benchmarks.setting import Setting, served, sign_in
from tests.conftest import ROOT
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.itinerary import make_place
from tests.factories.transfers import make_offices

DISPLAYS_TO_A_SCAN = 11
SATURATION_SCANS = 250
"""Scans of the round that finds out what the server can do, with 11 displays each."""
USUAL, SURGE = 0.05, 0.5
"""Shares of that."""
SECONDS = 60
MAPS_AT_ONCE = 8
"""Every second: twice as many as there are threads for extras."""
GOOD = {"200"}
SHED = {"200", "503 retry-after"}


@dataclass(frozen=True, slots=True)
class Asker:
    """Makes the requests of workers, of an officer at a station, and of an office that looks at maps."""

    setting: Setting
    holders: list[Holder]
    officer: dict[str, str]
    place_id: str
    office: dict[str, str]

    def displays(self, count: int) -> list[bytes]:
        """What phones ask for their code pages."""
        key = self.setting.config.token_key.get_secret_value()
        return [
            http(
                "GET",
                f"/api/v1/people/{holder.person_id}/code",
                {"Authorization": f"Bearer {tokens.issue(holder.account_id, key, clock.now())}"},
            )
            for holder in islice(cycle(self.holders), count)
        ]

    def scans(self, count: int) -> list[bytes]:
        """Scans of fresh codes, each with a key of its own."""
        with self.setting.app.app_context():
            codes = [issue(holder).text for holder in islice(cycle(self.holders), count)]
        return [http("POST", "/checkpoint/api/scans", self.officer, scan_body(text, self.place_id)) for text in codes]

    def maps(self) -> list[bytes]:
        return [http("GET", "/console/headlines/", self.office)]


def measure_overload(setting: Setting) -> Iterator[Figure]:
    """Ours: scanning's 99th percentile at ten times the usual load; the floor: the same at the usual load."""
    officer, place_id, official = _people(setting)
    as_owner(setting, "VACUUM ANALYZE")
    with served(setting) as port:
        headers = {"Sec-Fetch-Site": "same-origin"}
        asker = Asker(
            setting,
            declared(setting),
            {"Cookie": sign_in(port, officer), **headers},
            place_id,
            {"Cookie": sign_in(port, official), **headers},
        )
        most = _saturation(asker, port)
        usual = _run(asker, port, most * USUAL, maps=False)
        before = _stored(setting)
        surge = _run(asker, port, most * SURGE, maps=True)
        stored = _stored(setting) - before
    as_owner(setting, "TRUNCATE transfers.transfer CASCADE")
    accepted = surge["scan"]["statuses"].get("200", 0)
    failed = sum(_others(surge[kind]["statuses"], GOOD) for kind in ("display", "scan"))
    yield Figure("healthcode.overload_saturation", "requests/s", most)
    yield Figure("healthcode.overload_scan_p99", "ms", _ms(surge, "scan"), _ms(usual, "scan"), Bound.RATIO_AT_MOST, 3)
    yield Figure("healthcode.overload_display_p99", "ms", _ms(surge, "display"), _ms(usual, "display"))
    yield Figure("healthcode.overload_failed", "requests", failed, None, Bound.LESS_THAN, 1)
    yield Figure("healthcode.overload_scans_lost_or_doubled", "scans", abs(stored - accepted), None, Bound.LESS_THAN, 1)
    maps = surge["map"]["statuses"]
    yield Figure("healthcode.overload_maps_shed", "requests", maps.get("503 retry-after", 0), sum(maps.values()))
    yield Figure("healthcode.overload_maps_failed", "requests", _others(maps, SHED), None, Bound.LESS_THAN, 1)


def _people(setting: Setting) -> tuple[str, str, str]:
    """An officer's name for signing in and place, and an official's name."""
    with setting.app.app_context():
        checkpoint = make_organisation("铜仁高铁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
        officer = make_acting(checkpoint, role=Role.OFFICER)
        place, _ = make_place(officer)
        official, destination = make_offices()
        lay_out(FEW, official, destination)
        centroid(names.COUNTRY)  # what `flask regions build` works out before the first visitor
        operators = [get_operator(acting.operator_id) for acting in (officer, official)]
        first, second = (operator.username if operator else "" for operator in operators)
        return first, str(place.id), second


def _saturation(asker: Asker, port: int) -> float:
    """Requests a second that the server answers when asked as fast as it answers."""
    scans = asker.scans(SATURATION_SCANS)
    displays = iter(asker.displays(SATURATION_SCANS * DISPLAYS_TO_A_SCAN))
    mixed = [one for scan in scans for one in (*islice(displays, DISPLAYS_TO_A_SCAN), scan)]
    return ask(Side(port, lambda: mixed), CONNECTIONS).rate


def _run(asker: Asker, port: int, rate: float, *, maps: bool) -> dict[str, dict[str, dict[str, int]]]:
    """A minute at so many requests a second, and what became of each kind."""
    scans_rate = rate / (DISPLAYS_TO_A_SCAN + 1)
    kinds: dict[str, dict[str, object]] = {
        "display": {"rate": rate - scans_rate, "requests": _texts(asker.displays(len(asker.holders)))},
        "scan": {"rate": scans_rate, "requests": _texts(asker.scans(int(SECONDS * scans_rate) + 1))},
    }
    if maps:
        kinds["map"] = {"rate": 1, "burst": MAPS_AT_ONCE, "requests": _texts(asker.maps())}
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.open_loop"],
        cwd=ROOT,
        input=json.dumps({"port": port, "kinds": kinds, "seconds": SECONDS}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the load stopped: {done.stderr[-500:]}")
    found = json.loads(done.stdout)
    if found["busy"] > BUSIEST_LOAD:
        raise RuntimeError(f"the load itself took {found['busy']:.0%} of a core: nothing was measured but it")
    result: dict[str, dict[str, dict[str, int]]] = found["kinds"]
    return result


def _texts(requests: list[bytes]) -> list[str]:
    return [request.decode() for request in requests]


def _stored(setting: Setting) -> int:
    with setting.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Reading)) or 0


def _others(statuses: dict[str, int], good: set[str]) -> int:
    return sum((Counter(statuses) - Counter({name: statuses.get(name, 0) for name in good})).values())


def _ms(found: dict[str, dict[str, dict[str, int]]], kind: str) -> float:
    return found[kind]["p99"] * 1000
