"""The keys that sign codes and lists, as this process knows them: read from the database, kept for a few seconds.

A key is published before it signs, so that every process and every officer's phone knows it in time; an unknown key id
is asked about at once, though not more often than every other second.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from flask import current_app
from sqlalchemy import select

from backend.core.config import settings
from backend.core.crypto import unseal
from backend.core.db import db
from backend.regions import names
from healthcode.codes.cose import SigningKey, VerifyingKey
from healthcode.codes.models import IssuerKey, ListKey

KEPT_SECONDS = 10.0
ASK_AGAIN_SECONDS = 2.0
CACHE = "linghuo.codes.keys"


@dataclass(frozen=True, slots=True)
class Known:
    """One issuer's key with both halves and its times."""

    signer: SigningKey
    verifier: VerifyingKey
    signs_from: datetime


@dataclass(frozen=True, slots=True)
class ListSigner:
    """One key that signs lists, and what the one before it says of it."""

    signer: SigningKey
    vouched: bytes
    signs_from: datetime


@dataclass(frozen=True, slots=True)
class KeyChain:
    keys: dict[bytes, Known]
    list_signers: tuple[ListSigner, ...]
    """The oldest first."""
    read_at: float

    def signer(self, issuer: str, now: datetime) -> SigningKey | None:
        """The newest key of this issuer that signs at this moment."""
        fit = [
            k
            for k in self.keys.values()
            if k.signer.issuer == issuer
            and k.signs_from <= now
            and (k.verifier.retired_at is None or now < k.verifier.retired_at)
        ]
        return max(fit, key=lambda k: k.signs_from).signer if fit else None

    def list_signer(self, now: datetime) -> SigningKey | None:
        """The newest key that signs lists at this moment."""
        fit = [known for known in self.list_signers if known.signs_from <= now]
        return fit[-1].signer if fit else None


def issuer_for(region_code: str) -> str:
    """The issuer whose region this is or lies in; the first of all where it lies in none's."""
    issuers = settings().issuers
    return next((issuer for issuer in issuers if names.within(region_code, issuer)), issuers[0])


def keychain() -> KeyChain:
    """The keys, read again when older than a few seconds."""
    chain = cast("KeyChain | None", current_app.extensions.get(CACHE))
    if chain is None or time.monotonic() - chain.read_at > KEPT_SECONDS:
        chain = _read(chain)
    return chain


def find_verifier(kid: bytes) -> VerifyingKey | None:
    """The key of this id."""
    chain = keychain()
    if kid not in chain.keys and time.monotonic() - chain.read_at > ASK_AGAIN_SECONDS:
        chain = _read(chain)
    known = chain.keys.get(kid)
    return known.verifier if known else None


def read_anew() -> KeyChain:
    """All keys as they are at this moment, for who keeps them longer than this process does."""
    return _read(cast("KeyChain | None", current_app.extensions.get(CACHE)))


def forget() -> None:
    """Have the next question read the keys anew, after this process changed them."""
    current_app.extensions.pop(CACHE, None)


def _read(old: KeyChain | None) -> KeyChain:
    """Read the rows; a private key is opened once in a process's life, not at each reading."""
    opened = old.keys if old else {}
    before = {known.signer.kid: known for known in old.list_signers} if old else {}
    rows = db.session.scalars(select(IssuerKey)).all()
    signers = db.session.scalars(select(ListKey).order_by(ListKey.id)).all()
    chain = KeyChain(
        {row.kid: _known(row, opened.get(row.kid)) for row in rows},
        tuple(before.get(row.kid) or _list_signer(row) for row in signers),
        time.monotonic(),
    )
    current_app.extensions[CACHE] = chain
    return chain


def _known(row: IssuerKey, before: Known | None) -> Known:
    if before is not None:
        private, public = before.signer.key, before.verifier.key
    else:
        private = _private(row)
        public = cast("EllipticCurvePublicKey", load_pem_public_key(row.public_key.encode()))
    return Known(
        SigningKey(row.kid, row.issuer, private),
        VerifyingKey(row.kid, row.issuer, public, row.retired_at),
        row.signs_from,
    )


def _list_signer(row: ListKey) -> ListSigner:
    return ListSigner(SigningKey(row.kid, "", _private(row)), row.vouched, row.signs_from)


def _private(row: IssuerKey | ListKey) -> EllipticCurvePrivateKey:
    return cast("EllipticCurvePrivateKey", load_pem_private_key(unseal(row.private_key).encode(), None))
