"""Test results and certificates of health for tests."""

from datetime import date, datetime, timedelta

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock
from backend.core.clock import local
from backend.core.crypto import unseal
from backend.core.db import new_key
from backend.core.transactions import transaction
from healthcode.codes import actions
from healthcode.codes.actions import Paper
from healthcode.codes.models import Certificate, ResultList
from tests.factories.codes import account_of

HEADINGS = "姓名,身份证号,采样时间,检测结果,检测机构,报告编号"
LABORATORY = "铜仁市人民医院"
PHOTO = b"\xff\xd8\xff\xe0 a photo of a certificate"


def result_line(person: Person, sampled_at: datetime, result: str = "阴性", report: str = "") -> str:
    """A row of a laboratory's list."""
    moment = f"{local(sampled_at):%Y-%m-%d %H:%M}"
    report = report or new_key().hex[-12:]
    return f"{unseal(person.name)},{unseal(person.resident_id)},{moment},{result},{LABORATORY},{report}"


def listed(*lines: str) -> bytes:
    return "\n".join((HEADINGS, *lines)).encode()


def bring(by: Acting, *lines: str, name: str = "检测名单.csv") -> ResultList:
    """A list that waits for its second person."""
    with transaction():
        return actions.propose_results(content=listed(*lines), file_name=name, by=by)


def enter(first: Acting, second: Acting, *lines: str) -> int:
    """A list that two people of an office entered; how many results were new."""
    made = bring(first, *lines)
    with transaction():
        return actions.confirm_results(list_id=made.id, by=second)


def paper(**changes: object) -> Paper:
    """A certificate of today, good for five days."""
    said = {"number": "TR-2026-0322", "institution": "碧江区人民医院", "issued_on": clock.today()}
    valid = {"valid_until": clock.today() + timedelta(days=5)}
    return Paper(**said | valid | changes)  # type: ignore[arg-type] # a test's own values


def file_certificate(person: Person, content: bytes = PHOTO, **changes: object) -> Certificate:
    """A certificate with its photo that waits for an official."""
    with transaction():
        made = actions.file_certificate(
            person=person, paper=paper(**changes), account_id=account_of(person).id, request_key=new_key().hex
        )
        return actions.attach_certificate(person=person, certificate_id=made.id, content=content)


def certify(person: Person, by: Acting, *, valid_until: date | None = None) -> Certificate:
    """A certificate that an official has confirmed."""
    held = file_certificate(person, **({"valid_until": valid_until} if valid_until else {}))
    with transaction():
        return actions.confirm_certificate(certificate_id=held.id, paper=actions.said_by(held), by=by)
