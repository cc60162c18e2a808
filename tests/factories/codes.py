"""Declarations and codes for tests."""

from collections.abc import Sequence
from uuid import UUID

import cbor2

from backend.accounts.models import Account, Person
from backend.accounts.queries import list_speakers
from backend.core import clock
from backend.core.db import new_key
from backend.core.transactions import transaction
from healthcode.codes import actions, cwt, keys, queries
from healthcode.codes.actions import Code, OfflineCode
from healthcode.codes.cwt import CONTENT, Claims
from healthcode.codes.lists import HEAD_BYTES
from healthcode.codes.models import IssuerKey
from healthcode.codes.rules import Symptom, Verdict


def make_issuer_key() -> IssuerKey:
    """The key that signs from now on; what this process knew of keys is forgotten, though another made this one."""
    keys.forget()
    with transaction():
        return actions.ensure_issuer_keys()[0]


def declare(
    person: Person,
    *,
    temperature: int = 365,
    symptoms: Sequence[Symptom] = (),
    contact: bool = False,
    abroad: bool = False,
    request_key: str = "",
) -> Verdict:
    """A declaration, healthy unless said otherwise."""
    with transaction():
        return actions.declare(
            person=person,
            account_id=account_of(person).id,
            temperature=temperature,
            symptoms=symptoms,
            contact=contact,
            abroad=abroad,
            request_key=request_key or new_key().hex,
        )


def give_pack(person: Person, *, account: Account | None = None, request_key: str = "") -> list[OfflineCode]:
    """The codes for stretches without a network that a person's phone is given now."""
    account = account or account_of(person)
    with transaction():
        display = queries.get_display(account_id=account.id, person_id=person.id, at=clock.now())
        return actions.issue_pack(display=display, account_id=account.id, request_key=request_key or new_key().hex)


def account_of(person: Person) -> Account:
    """The account that speaks for a person."""
    return list_speakers([person.id])[0][1]


def show(person: Person, account_id: UUID | None = None) -> Code:
    """The code that a person's phone shows now."""
    display = queries.get_display(account_id=account_id or account_of(person).id, person_id=person.id, at=clock.now())
    return actions.issue_code(display=display, at=clock.now())


def claims_of(code: OfflineCode) -> Claims:
    """What a code for later says."""
    return cwt.read(code.text, keys.find_verifier)


def denied() -> set[bytes]:
    """The heads of pseudonyms as an officer's phone is told now."""
    _, _, payload, _ = cbor2.loads(actions.sign_denied()).value
    heads: bytes = cbor2.loads(payload)[CONTENT]
    return {heads[at : at + HEAD_BYTES] for at in range(0, len(heads), HEAD_BYTES)}


def heads_of(codes: Sequence[OfflineCode]) -> set[bytes]:
    """The heads of the pseudonyms in these codes."""
    return {claims_of(code).subject[:HEAD_BYTES] for code in codes}
