"""The signed lists of officers' phones: what is in them, who signed, how one signer vouches for the next."""

from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from backend.accounts.models import Person
from backend.core.errors import Unavailable
from backend.core.requests import Application
from backend.core.transactions import transaction
from healthcode.codes import actions, keys
from healthcode.codes.actions.issuer_keys import HURRIED_AHEAD, LIST_KEY_AHEAD
from healthcode.codes.cose import KID
from healthcode.codes.cwt import CONTENT, IAT
from healthcode.codes.lists import KEYS_AAD, SIGNER_AAD
from tests.conftest import NOON, Travel


def opened(message: bytes, key: EllipticCurvePublicKey, external: bytes) -> dict[int, Any]:
    """The payload of a COSE_Sign1, by the letter of RFC 9052, 4.4."""
    protected, _, payload, signature = cbor2.loads(message).value
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    signed = cbor2.dumps(["Signature1", protected, external, payload])
    key.verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
    found: dict[int, Any] = cbor2.loads(payload)
    return found


def test_the_list_of_keys_names_each_issuer_and_is_dated(person: Person) -> None:
    del person
    given = actions.sign_keys()
    said = opened(given.signed, given.signer.key.public_key(), KEYS_AAD)
    assert said[IAT] == NOON.timestamp()
    assert [(issuer, name, retired) for _, issuer, name, _, _, retired in said[CONTENT]] == [
        ("520600", "铜仁", None),
        ("320583", "昆山", None),
    ]
    assert {row[0] for row in said[CONTENT]} == set(keys.keychain().keys)


def test_one_list_does_not_pass_for_another(person: Person) -> None:
    del person
    given = actions.sign_keys()
    with pytest.raises(InvalidSignature):
        opened(actions.sign_denied(), given.signer.key.public_key(), KEYS_AAD)


def test_a_key_that_has_nothing_good_any_more_leaves_the_list(person: Person, clock: Travel) -> None:
    del person
    with transaction():
        actions.rotate_issuer_key("520600", HURRIED_AHEAD)

    def listed() -> int:
        given = actions.sign_keys()
        return len(opened(given.signed, given.signer.key.public_key(), KEYS_AAD)[CONTENT])

    clock.shift(HURRIED_AHEAD + timedelta(hours=4))
    assert listed() == 3
    clock.shift(timedelta(hours=2))
    assert listed() == 2


def test_each_signer_is_vouched_for_by_the_one_before_and_takes_over_without_a_gap(
    person: Person, clock: Travel
) -> None:
    del person
    first = actions.sign_keys().signer
    for _ in range(2):
        with transaction():
            actions.rotate_list_key()
        clock.shift(LIST_KEY_AHEAD - timedelta(seconds=1))
        before = actions.sign_keys().signer
        clock.shift(timedelta(seconds=1))
        assert actions.sign_keys().signer.kid != before.kid
    given = actions.sign_keys()
    known = {first.kid: first.key.public_key()}
    chain = {one.signer.kid: one.signer.key.public_key() for one in keys.keychain().list_signers}
    for vouched in given.vouched:
        by = cbor2.loads(cbor2.loads(vouched).value[0])[KID]
        kid, *_ = opened(vouched, known[by], SIGNER_AAD)[CONTENT]
        known[kid] = chain[kid]
    assert opened(given.signed, known[given.signer.kid], KEYS_AAD)[CONTENT]


def test_without_a_key_there_is_no_list(app: Application) -> None:
    del app
    keys.forget()
    with pytest.raises(Unavailable):
        actions.sign_keys()
    with pytest.raises(Unavailable):
        actions.sign_denied()
