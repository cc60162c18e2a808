"""The demo's data: the first story (码上复工), brought into the database by the product's own actions.

Two governments, a checkpoint, three coaches at different stages: one arriving, one leaving in hours, one tomorrow.
Loading is done once, and carried on where it was stopped; every later start declares today's health for those who
travel, so that the demo stays alive.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts import queries as offices
from backend.accounts.acting import Acting
from backend.accounts.models import Account, Operator, Organisation, Person
from backend.accounts.rules import TERMS_VERSION, OrganisationKind, Purpose, Relation, Role
from backend.core import clock
from backend.core.clock import Clock
from backend.core.crypto import blind_index
from backend.core.db import db
from backend.core.transactions import transaction
from backend.local import facts, fleet, roster
from backend.local.demo import PASSWORD
from backend.regions.datum import Datum
from healthcode.checks.tasks import health, location
from healthcode.codes import actions as codes
from healthcode.codes.models import Status
from healthcode.codes.rules import Symptom
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.cases import cases_of_2020
from healthcode.itinerary.models import Place
from healthcode.itinerary.rules import Position, Spot
from healthcode.itinerary.tasks import locate, stays
from healthcode.transfers import actions as transfers
from healthcode.transfers import queries
from healthcode.transfers.models import Entry, RosterImport, Transfer
from healthcode.transfers.queries import sent_from
from healthcode.transfers.rules import WORKING, State
from healthcode.transfers.tasks import import_roster, recount

OFFICES = (
    ("铜仁市人力资源和社会保障局", OrganisationKind.GOVERNMENT, "520600", "tongren", "杨经办", Role.OFFICIAL),
    ("昆山市人力资源和社会保障局", OrganisationKind.GOVERNMENT, "320583", "kunshan", "沈经办", Role.OFFICIAL),
    ("铜仁市人力资源和社会保障局", OrganisationKind.GOVERNMENT, "520600", "tongren2", "石复核", Role.OFFICIAL),
    ("昆山市人力资源和社会保障局", OrganisationKind.GOVERNMENT, "320583", "kunshan2", "陆复核", Role.OFFICIAL),
    ("遵义市人力资源和社会保障局", OrganisationKind.GOVERNMENT, "520300", "zunyi", "周经办", Role.OFFICIAL),
    ("铜仁站查验点", OrganisationKind.CHECKPOINT, "520602", "officer", "吴查验", Role.OFFICER),
    ("昆山市市场监督管理局", OrganisationKind.REGULATOR, "320583", "shichang", "顾监管", Role.SUPERVISOR),
    ("昆山农村商业银行", OrganisationKind.BANK, "320583", "bank", "陆监管", Role.SUPERVISOR),
    ("昆山晨星电子（虚构）有限公司", OrganisationKind.ENTERPRISE, "320583", "factory", "邵人事", Role.EMPLOYER),
    ("灵活平台", OrganisationKind.PLATFORM, "320583", "platform", "平台管理员", Role.ADMINISTRATOR),
)
PLACES = (
    ("铜仁站", "520602", Position(109.1903, 27.7215, 10), 400),
    ("铜仁汽车客运总站", "520602", Position(109.2100, 27.7330, 10), 300),
)
ON_THE_WAY = ((112.94, 28.23, 5), (115.86, 28.68, 9), (118.44, 31.35, 12))
"""Where phones of the first coach were, and how many hours after departure: Changsha, Nanchang, Wuhu."""
KUNSHAN = Position(120.9560, 31.3920, 15)
IMPORT_PATIENCE = 120.0
STORY_DAY = date(2020, 3, 22)
"""The day whose real case counts the demo lays on today."""
WITH_FACTS = slice(26, 29)
"""Those of the second coach who have a journey of their own, a test, a certificate."""
TITLE = "铜仁赴昆山点对点劳务输出"


def load() -> bool:
    """Bring the story in; False when it is there already, and then only today's declarations are made.

    What a stopped loading left half done is carried on, seen from the moment at which it began; no step is done twice.
    """
    told = _is_told()
    now = db.session.scalar(select(Organisation.created_at).where(Organisation.name == OFFICES[0][0])) or clock.now()
    with _at(clock.now() if told else now):
        acting = _make_offices()
    if told:
        _lay_cases_on_today()
        _declare_again()
        return False
    with transaction():
        codes.ensure_issuer_keys()
        places = _places(acting["tongren"])
    _lay_cases_on_today()
    transfer_id = _make_transfer(acting, now)
    with _at(now - timedelta(hours=20)):
        people = [_claim(*person) for person in _claimants()]
    with _at(now - timedelta(hours=15)):
        _declare(people[: roster.SEATS], "before")
    departs = roster.departures(now)[0]
    with _at(departs), transaction():
        fleet.set_off(db.session.get_one(Transfer, transfer_id), acting["tongren"], departs)
        _link_factory(db.session.get_one(Transfer, transfer_id), acting)
    _travel(people[: roster.SEATS], places[0], now)
    with _at(now - timedelta(hours=2)):
        facts.add(people[WITH_FACTS], acting["tongren"], acting["tongren2"])
    facts.print_card(db.session.get_one(Transfer, transfer_id), acting["tongren"])
    _declare(people, "today")
    _look()
    return True


def _is_told() -> bool:
    """Whether the last one to declare did: nobody does so before all else is in."""
    *_, last = (number for place, (_, number, _) in enumerate(_claimants()) if _declares_today(place))
    query = (
        select(Status.person_id)
        .join(Person, Person.id == Status.person_id)
        .where(Person.resident_id_index == blind_index(last, "resident_id"), Status.declared_at.is_not(None))
    )
    return db.session.scalar(query) is not None


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at a moment of the past, so that what is loaded has its history."""
    source = Clock.source
    Clock.source = staticmethod(lambda: moment)
    try:
        yield
    finally:
        Clock.source = source


def _make_offices() -> dict[str, Acting]:
    """All of them, once those are made that aren't there yet; a demo loaded by an older version lacks some."""
    acting = {}
    for name, kind, region, username, person, role in OFFICES:
        with transaction():
            operator = db.session.scalar(select(Operator).where(Operator.username == username))
            if operator is None:
                known = db.session.scalar(select(Organisation).where(Organisation.name == name))
                office = known or accounts.create_organisation(kind=kind, name=name, region_code=region)
                operator = accounts.create_operator(username=username, name=person, password=PASSWORD)
                accounts.add_membership(operator=operator, organisation=office, role=role)
            acting[username] = offices.list_acting(operator.id)[0]
    return acting


def _places(by: Acting) -> list[Place]:
    known = select(Place).where(Place.organisation_id == by.organisation_id).order_by(Place.id)
    return list(db.session.scalars(known)) or [_place(place, by) for place in PLACES]


def _place(place: tuple[str, str, Position, int], by: Acting) -> Place:
    name, region, position, radius = place
    made, _ = itinerary.create_place(
        name=name, region_code=region, position=position, datum=Datum.WGS84, radius_m=radius, by=by
    )
    return made


def _lay_cases_on_today() -> None:
    """The risk of regions is what it was on the day of the story."""
    with transaction():
        itinerary.compute_risk(counts=cases_of_2020(), day=STORY_DAY, as_of=clock.today())


def _make_transfer(acting: dict[str, Acting], now: datetime) -> UUID:
    title, planned = f"{clock.local(now).year}年{TITLE}", now - timedelta(days=2)
    with _at(planned), transaction():
        job = db.session.scalar(
            select(RosterImport).join(Transfer, Transfer.id == RosterImport.transfer_id).where(Transfer.title == title)
        ) or _upload(title, acting, now)
    _finish_import(job.id)
    with _at(planned), transaction():
        transfer = db.session.get_one(Transfer, job.transfer_id)
        if transfer.state is State.DRAFT:
            transfers.move_transfer(transfer=transfer, to=State.OFFERED, note="", by=acting["tongren"])
            transfers.move_transfer(transfer=transfer, to=State.AGREED, note="", by=acting["kunshan"])
        fleet.make_ready(transfer, acting["tongren"])
        return transfer.id


def _upload(title: str, acting: dict[str, Acting], now: datetime) -> RosterImport:
    origin, destination = acting["tongren"], acting["kunshan"]
    transfer = transfers.create_transfer(title=title, destination_id=destination.organisation_id, by=origin)
    return transfers.start_import(
        transfer=transfer, file_name="赴昆山花名册.xlsx", content=roster.workbook(now), by=origin
    )


def _link_factory(transfer: Transfer, acting: dict[str, Acting]) -> None:
    """Kunshan says which registered enterprise the roster means; linking twice is linking once."""
    factory = acting["factory"].organisation_id
    for named in queries.list_employer_names(transfer):
        if named.name.startswith("昆山晨星电子"):
            transfers.link_employer(transfer=transfer, name=named.name, organisation_id=factory, by=acting["kunshan"])


def _finish_import(import_id: UUID) -> None:
    """Read the roster here, or wait for the worker that was quicker: the commit sent it to the queue as well.

    Not at a moment of the past: whoever works on it says so by the time, and two days ago nobody would be at it.
    """
    import_roster(str(import_id))
    until = time.monotonic() + IMPORT_PATIENCE
    while True:
        with transaction():
            state = db.session.scalar(select(RosterImport.state).where(RosterImport.id == import_id))
        if state not in WORKING or time.monotonic() > until:
            return
        time.sleep(0.2)


def _claimants() -> Iterator[tuple[str, str, str]]:
    """(name, ID number, phone) of those who have claimed their row: all but the named ones and a few stragglers."""
    named = {number for _, number, _, _ in roster.NAMED}
    for place, row in enumerate(roster.rows(clock.now())):
        name, number, phone = str(row[1]), str(row[3]), str(row[5])
        if number not in named and place % 11 != 10:  # noqa: PLR2004 - every eleventh has not claimed yet
            yield name, number, phone


def _claim(name: str, number: str, phone: str) -> tuple[Account, Person]:
    with transaction():
        account = accounts.sign_in_phone(phone=phone)
        if not all(offices.consents_of(account.id).values()):
            accounts.agree(account=account, choices=dict.fromkeys(Purpose, True), version=TERMS_VERSION)
        held = transfers.claim(
            account=account, name=name, resident_id=number, relation=Relation.SELF, until=None, region_code=None
        )
        return account, db.session.get_one(Person, held.holding.person_id)


def _declares_today(place: int) -> bool:
    return place % 13 != 12  # noqa: PLR2004 - every thirteenth has not declared yet


def _declare(people: Sequence[tuple[Account, Person]], key: str) -> None:
    """Most are well; one has a fever, one had contact, a few have not declared."""
    for place, (account, person) in enumerate(people):
        if key == "today" and not _declares_today(place):
            continue
        fever, contact, cough = place == 30, place == 41, place == 52  # noqa: PLR2004 - one each, on later coaches
        with transaction():
            codes.declare(
                person=person,
                account_id=account.id,
                temperature=379 if fever else 362 + place % 6,
                symptoms=(Symptom.COUGH,) if cough else (),
                contact=contact,
                abroad=False,
                request_key=f"demo-{key}-{clock.today():%Y%m%d}",
                sent_from=sent_from(person.id),
            )


def _travel(people: Sequence[tuple[Account, Person]], station: Place, now: datetime) -> None:
    """The first coach: everybody at the station, some positions on the way, most of them in Kunshan by now."""
    departs = roster.departures(now)[0]
    spot = Spot(station.id, station.region_code, station.lon, station.lat, station.radius_m)
    with _at(departs - timedelta(minutes=40)):
        for _, person in people:
            with transaction():
                itinerary.see_by_officer(person_id=person.id, place=spot, at=clock.now(), request_key="demo-boarding")
    for lon, lat, hours in ON_THE_WAY:
        with _at(departs + timedelta(hours=hours)):
            for _, person in people[::4]:
                _report(person, Position(lon, lat, 60))
    with _at(now - timedelta(minutes=20)):
        for _, person in people[:15]:
            _report(person, KUNSHAN)


def _look() -> None:
    """What beat would do in its own time: look up regions, build stays, note arrivals, run both checks, count."""
    locate()
    stays()
    location()
    health()
    recount()


def _report(person: Person, position: Position) -> None:
    with transaction():
        itinerary.report_position(
            person=person, position=position, datum=Datum.WGS84, request_key=f"demo-{clock.now():%Y%m%d%H%M}"
        )


def _declare_again() -> None:
    """Those whom the demo registered declare, each as on this day's first start; whoever tries it declares alone."""
    numbers = [blind_index(number, "resident_id") for _, number, _ in _claimants()]
    query = (
        select(Account, Person)
        .join(Entry, Entry.person_id == Person.id)
        .join(Account, Account.phone_index == Entry.phone_index)
        .where(Person.resident_id_index.in_(numbers))
    )
    found = {person.resident_id_index: (account, person) for account, person in db.session.execute(query)}
    _declare([found[number] for number in numbers if number in found], "today")
