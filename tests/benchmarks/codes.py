"""Showing a code and scanning it, 16 connections at once, beside bare views that do the same signing and asking."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from uuid import UUID

import base45
import cbor2

from backend.accounts import tokens
from backend.accounts.queries import get_operator
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock
from backend.core.db import new_key
from healthcode.codes import actions, queries
from healthcode.codes.actions import Code
from healthcode.codes.cose import PREFIX
from tests.benchmarks import floors
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.rounds import Side, Speed, compare, http
from tests.benchmarks.setting import Setting, served, sign_in
from tests.factories.accounts import make_acting, make_agreeing_account, make_organisation, make_person, resident_id
from tests.factories.codes import declare, make_issuer_key
from tests.factories.itinerary import make_place

FLOORS = "tests.benchmarks.floors:app"
CONNECTIONS = 16
PEOPLE = 200
DISPLAYS, SCANS = 3000, 1500
"""Requests of a round: some seconds of work."""


@dataclass(frozen=True, slots=True)
class Holder:
    account_id: UUID
    person_id: UUID


def measure_display(setting: Setting) -> Iterator[Figure]:
    """Ours: what a worker's phone asks for its code page, with its access token."""
    key = setting.config.token_key.get_secret_value()
    ours, bare = [], []
    for holder in declared(setting):
        headers = {"Authorization": f"Bearer {tokens.issue(holder.account_id, key, clock.now())}"}
        ours.append(http("GET", f"/api/v1/people/{holder.person_id}/code", headers))
        bare.append(http("GET", f"/people/{holder.person_id}/code", headers))
    with served(setting) as product, served(setting, FLOORS, **_signed_bytes(setting)) as floor:
        yield from _figures(
            "healthcode.display",
            *compare(
                Side(product, lambda: list(islice(cycle(ours), DISPLAYS))),
                Side(floor, lambda: list(islice(cycle(bare), DISPLAYS))),
                connections=CONNECTIONS,
            ),
        )


def measure_scan(setting: Setting) -> Iterator[Figure]:
    """Ours: what an officer's page sends after a scan at a station; every code and every request key is a new one."""
    with setting.app.app_context():
        kind, role = OrganisationKind.CHECKPOINT, Role.OFFICER
        officer = make_acting(make_organisation("铜仁火车站卡口", kind=kind, region="520602"), role=role)
        place, _ = make_place(officer)
        operator = get_operator(officer.operator_id)
        place_id, username = str(place.id), operator.username if operator else ""
    with served(setting) as product, served(setting, FLOORS, **_signed_bytes(setting)) as floor:
        headers = {"Cookie": sign_in(product, username), "Sec-Fetch-Site": "same-origin"}

        def scans(path: str) -> list[bytes]:
            with setting.app.app_context():
                holders = list(islice(cycle(declared(setting)), SCANS))
                return [
                    http("POST", path, headers, scan_body(text, place_id))
                    for text in (issue(holder).text for holder in holders)
                ]

        def bare_scans() -> list[bytes]:
            holders = islice(cycle(declared(setting)), SCANS)
            keys = ({"person_id": str(holder.person_id), "request_key": new_key().hex} for holder in holders)
            return [http("POST", "/scans", headers, key) for key in keys]

        mine, least = compare(
            Side(product, lambda: scans("/checkpoint/api/scans")), Side(floor, bare_scans), connections=CONNECTIONS
        )
    yield from _figures("healthcode.scan", mine, least)


def scan_body(text: str, place_id: str) -> dict[str, object]:
    moment = clock.now().isoformat()
    return {"text": text, "place_id": place_id, "request_key": new_key().hex, "phone_time": moment}


@cache
def declared(setting: Setting) -> list[Holder]:
    """People who declared that they are well, each with an account."""
    with setting.app.app_context():
        make_issuer_key()
        holders = []
        for order in range(1, PEOPLE + 1):
            account = make_agreeing_account()
            person = make_person(account, number=resident_id(order=order))
            declare(person)
            holders.append(Holder(account.id, person.id))
        return holders


def _signed_bytes(setting: Setting) -> dict[str, str]:
    """What is signed in a code (RFC 9052, 4.4), as the floors take it."""
    with setting.app.app_context():
        text = issue(declared(setting)[0]).text
    protected, _, payload, _ = cbor2.loads(base45.b45decode(text.removeprefix(PREFIX))).value
    return {floors.SIGNED: cbor2.dumps(["Signature1", protected, b"", payload]).hex()}


def issue(holder: Holder) -> Code:
    moment = clock.now()
    display = queries.get_display(account_id=holder.account_id, person_id=holder.person_id, at=moment)
    return actions.issue_code(display=display, at=moment)


def _figures(name: str, ours: Speed, floor: Speed) -> Iterator[Figure]:
    yield Figure(name, "requests/s", ours.rate, floor.rate, Bound.RATIO_AT_LEAST, 0.5)
    yield Figure(f"{name}_p50", "ms", ours.p50, floor.p50)
    yield Figure(f"{name}_p99", "ms", ours.p99, floor.p99)
