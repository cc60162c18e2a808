"""The keys that sign codes: made, and followed by new ones without a gap."""

import hashlib
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import func, or_, select

from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import seal
from backend.core.db import db
from healthcode.codes import keys
from healthcode.codes.models import IssuerKey

KID_BYTES = 8
PUBLISHED_AHEAD = timedelta(minutes=10)
"""How long a key is known before it signs; officers' phones ask for the keys more often than that."""
KEYS_LOCK = 0x6C68_6B65


def ensure_issuer_key() -> IssuerKey:
    """The key that signs now, made if there is none."""
    db.session.execute(select(func.pg_advisory_xact_lock(KEYS_LOCK)))
    now = clock.now()
    signs_still = or_(IssuerKey.retired_at.is_(None), IssuerKey.retired_at > now)
    signing = select(IssuerKey).where(IssuerKey.signs_from <= now, signs_still)
    known = db.session.scalars(signing.order_by(IssuerKey.signs_from.desc())).first()
    return known or _make_key(now)


def rotate_issuer_key() -> IssuerKey:
    """A new key that takes over in ten minutes, when every verifier knows it; until then the old one signs.

    What the old one signed is accepted to its end. Without a key that signs, the new one signs at once.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(KEYS_LOCK)))
    now = clock.now()
    active = db.session.scalars(select(IssuerKey).where(IssuerKey.retired_at.is_(None)).with_for_update()).all()
    takes_over = now + PUBLISHED_AHEAD if active else now
    for key in active:
        key.retired_at = takes_over
    return _make_key(takes_over)


def _make_key(signs_from: datetime) -> IssuerKey:
    private = generate_private_key(SECP256R1())
    public = private.public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = IssuerKey(
        kid=hashlib.sha256(point).digest()[:KID_BYTES],
        issuer=settings().codes_issuer,
        private_key=seal(pem, "codes.issuer_key.private_key"),
        public_key=public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        signs_from=signs_from,
    )
    db.session.add(key)
    db.session.flush()
    keys.forget()
    return key
