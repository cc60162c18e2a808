"""What the demo's people have beside declarations: a journey of their own, a test, a certificate, a printed card.

Each is brought in by whom it takes in the product, and once: a loading that was stopped goes on behind what is there.
"""

from collections.abc import Sequence
from datetime import timedelta

from backend.accounts.acting import Acting
from backend.accounts.models import Account, Person
from backend.core import clock
from backend.core.crypto import unseal
from backend.core.pdf import document, text
from backend.core.transactions import transaction
from backend.local import roster
from healthcode.codes import actions as codes
from healthcode.codes import queries as facts
from healthcode.codes.actions import Paper
from healthcode.codes.card_sheet import PerPage
from healthcode.codes.fact_rules import TESTED_NAMES, CertificateState, Tested
from healthcode.itinerary import actions as itinerary
from healthcode.itinerary.rules import Vehicle
from healthcode.transfers import actions as transfers
from healthcode.transfers import queries
from healthcode.transfers.models import Transfer
from healthcode.transfers.queries import EntryFilter

HOSPITAL = "铜仁市第一卫生院（虚构）"
LABORATORY = "铜仁市检测中心（虚构）"
WITHOUT_PHONE = "石阿婆"
GUIYANG, BIJIANG = "520103", "520602"


def add(people: Sequence[tuple[Account, Person]], first: Acting, second: Acting) -> None:
    """A journey, a test and a certificate for three people; `second` is a colleague of `first`."""
    (_, back_home), (_, tested), (account, certified) = people
    _declare_journey(back_home)
    _enter_result(tested, first, second)
    _certify(account, certified, first)


def _declare_journey(person: Person) -> None:
    """Three days ago this person came home from Guiyang by train."""
    departs = clock.local(clock.now() - timedelta(days=3)).replace(hour=9, minute=20, second=0, microsecond=0)
    with transaction():
        itinerary.declare_trip(
            person=person,
            vehicle=Vehicle.TRAIN,
            number="K9516",
            seat="5 车 32 号",
            from_region=GUIYANG,
            to_region=BIJIANG,
            departs_at=departs,
            arrives_at=departs + timedelta(hours=6),
            request_key="demo-journey",
        )


def _enter_result(person: Person, first: Acting, second: Acting) -> None:
    """An official types a report, and a colleague confirms it."""
    with transaction():
        if facts.list_tests(person):
            return
        said = {
            "name": unseal(person.name),
            "resident_id": unseal(person.resident_id),
            "sampled_at": f"{clock.local(clock.now() - timedelta(days=1)):%Y-%m-%d %H:%M}",
            "result": TESTED_NAMES[Tested.NEGATIVE],
            "laboratory": LABORATORY,
            "report_number": "YS-0001",
        }
        codes.confirm_results(list_id=codes.enter_result(said=said, by=first).id, by=second)


def _certify(account: Account, person: Person, by: Acting) -> None:
    """A worker files a certificate of health with its paper; an official reads it and confirms it."""
    today = clock.today()
    paper = Paper("JK-0001", HOSPITAL, today - timedelta(days=1), today + timedelta(days=6))
    with transaction():
        held = codes.file_certificate(person=person, paper=paper, account_id=account.id, request_key="demo-certificate")
        if held.state is not CertificateState.DRAFT:
            return
        content = document([text("健康证明（演示用，虚构）"), text(HOSPITAL)], title="健康证明", mark="演示")
        codes.attach_certificate(person=person, certificate_id=held.id, content=content)
        codes.confirm_certificate(certificate_id=held.id, paper=paper, by=by)


def print_card(transfer: Transfer, by: Acting) -> None:
    """An old woman without a phone gets a card; not at a moment of the past, when no key signed yet."""
    number = next(number for name, number, *_ in roster.NAMED if name == WITHOUT_PHONE)
    with transaction():
        lines = queries.without_card(queries.list_entries(transfer, filter=EntryFilter(search=number)))
        if lines:
            transfers.print_cards(
                transfer=transfer, lines=lines, renew=False, per_page=PerPage.TEN, purpose="没有手机，凭卡过卡口", by=by
            )
