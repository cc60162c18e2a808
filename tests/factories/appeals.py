"""Appeals for tests."""

from backend.accounts.models import Person
from backend.core.db import new_key
from backend.core.transactions import transaction
from healthcode.codes import actions
from healthcode.codes.colour_rules import Kind
from healthcode.codes.models import Appeal, AppealFile
from tests.factories.codes import account_of

WORDS = "我没有接触过病例，申报时点错了。"
ANSWER = "已核对同行名单，本人确实没有接触过病例。"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)
PDF = b"%PDF-1.7\n" + bytes(40)


def appeal(
    person: Person, *, rule: str = Kind.CONTACT, words: str = WORDS, request_key: str = "", stopped_at: str = ""
) -> Appeal:
    """An appeal against the contact that the person declared, unless said otherwise."""
    with transaction():
        return actions.file_appeal(
            person=person,
            account_id=account_of(person).id,
            rule=rule,
            words=words,
            request_key=request_key or new_key().hex,
            stopped_at=stopped_at,
        )


def attach(person: Person, filed: Appeal, content: bytes) -> AppealFile:
    with transaction():
        return actions.attach(person=person, appeal_id=filed.id, content=content)
