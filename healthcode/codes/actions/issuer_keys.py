"""The keys that sign codes and lists: made, and followed by new ones without a gap."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import func, or_, select

from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import seal
from backend.core.db import db
from backend.core.errors import Invalid
from healthcode.codes import keys, lists
from healthcode.codes.cose import SigningKey
from healthcode.codes.models import IssuerKey, ListKey

KID_BYTES = 8
PUBLISHED_AHEAD = timedelta(hours=24)
"""How long a key is known before it signs: as long as an officer's phone may check codes by a list that it has."""
HURRIED_AHEAD = timedelta(minutes=10)
"""The same where a key may have leaked; phones that had no network since then can't check the new one's codes."""
LIST_KEY_AHEAD = timedelta(minutes=1)
"""Every process has read it by then; phones need no time, since the key before vouches for it."""
KEYS_LOCK = 0x6C68_6B65


def ensure_issuer_keys() -> list[IssuerKey]:
    """The keys that sign now, one of each issuer, made where there is none; and a key that signs lists."""
    db.session.execute(select(func.pg_advisory_xact_lock(KEYS_LOCK)))
    now = clock.now()
    if db.session.scalar(select(func.count()).select_from(ListKey)) == 0:
        _make_list_key(now, before=None)
    return [_signing(issuer, now) or _make_key(issuer, now) for issuer in settings().issuers]


def rotate_issuer_key(issuer: str, ahead: timedelta = PUBLISHED_AHEAD) -> IssuerKey:
    """A new key of an issuer that takes over when every verifier knows it; until then the old one signs.

    What the old one signed is accepted to its end. Without a key that signs, the new one signs at once.
    Refuses: Invalid for a region whose government issues no codes here.
    """
    if issuer not in settings().issuers:
        raise Invalid("codes.no_issuer", f"{issuer} 不签发健康码：请先把它写进 CODES_ISSUERS。")
    db.session.execute(select(func.pg_advisory_xact_lock(KEYS_LOCK)))
    now = clock.now()
    active = select(IssuerKey).where(
        IssuerKey.issuer == issuer, or_(IssuerKey.retired_at.is_(None), IssuerKey.retired_at > now + ahead)
    )
    held = db.session.scalars(active.with_for_update()).all()
    takes_over = now + ahead if _signing(issuer, now) else now
    for key in held:
        key.retired_at = max(takes_over, key.signs_from)
    return _make_key(issuer, takes_over)


def rotate_list_key() -> ListKey:
    """A new key that signs lists, vouched for by the one before, so that phones that know that one believe it."""
    db.session.execute(select(func.pg_advisory_xact_lock(KEYS_LOCK)))
    now = clock.now()
    signers = keys.read_anew().list_signers
    return _make_list_key(now + LIST_KEY_AHEAD, signers[-1].signer) if signers else _make_list_key(now, before=None)


def _signing(issuer: str, now: datetime) -> IssuerKey | None:
    signs_still = or_(IssuerKey.retired_at.is_(None), IssuerKey.retired_at > now)
    signing = select(IssuerKey).where(IssuerKey.issuer == issuer, IssuerKey.signs_from <= now, signs_still)
    return db.session.scalars(signing.order_by(IssuerKey.signs_from.desc())).first()


def _make_key(issuer: str, signs_from: datetime) -> IssuerKey:
    made = _make()
    key = IssuerKey(
        kid=made.kid,
        issuer=issuer,
        private_key=seal(made.pem, "codes.issuer_key.private_key"),
        public_key=made.public_pem,
        signs_from=signs_from,
    )
    db.session.add(key)
    db.session.flush()
    keys.forget()
    return key


def _make_list_key(signs_from: datetime, before: SigningKey | None) -> ListKey:
    made = _make()
    by = before or SigningKey(made.kid, "", made.private)
    key = ListKey(
        kid=made.kid,
        private_key=seal(made.pem, "codes.list_key.private_key"),
        public_key=made.public_pem,
        vouched=lists.vouch(made.kid, made.private.public_key(), clock.now(), by),
        signs_from=signs_from,
    )
    db.session.add(key)
    db.session.flush()
    keys.forget()
    return key


@dataclass(frozen=True, slots=True)
class _Made:
    kid: bytes
    private: EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def public_pem(self) -> str:
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _make() -> _Made:
    private = generate_private_key(SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _Made(hashlib.sha256(point).digest()[:KID_BYTES], private)
