"""Operators for some hours: without a password, bound to the one phone that keeps their key."""

from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from sqlalchemy import update

from backend.accounts.actions.offices import end_sessions
from backend.accounts.models import Membership, Operator
from backend.accounts.rules import Role
from backend.core import clock
from backend.core.db import db, new_key
from backend.core.errors import Invalid

NO_PASSWORD = ""
"""No hash of anything: nobody signs in by it."""


def add_helper(*, name: str, organisation_id: UUID, until: datetime, device_key: bytes) -> Operator:
    """A temporary officer of an office until a moment, whose every request their phone signs with this key.

    `device_key` is a point of P-256, uncompressed. Refuses: Invalid for what is none.
    """
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), device_key)
    except ValueError as wrong:
        raise Invalid("accounts.device_key", "这部手机的浏览器不能加入，请换用微信或系统浏览器打开。") from wrong
    operator = Operator(
        id=new_key(),
        username=f"helper-{new_key().hex}",
        name=name,
        password_hash=NO_PASSWORD,
        session_epoch=1,
        created_at=clock.now(),
        device_key=device_key,
    )
    db.session.add(operator)
    db.session.flush()
    db.session.add(Membership(operator_id=operator.id, organisation_id=organisation_id, role=Role.HELPER, until=until))
    db.session.flush()
    return operator


def end_helper(*, operator_id: UUID) -> None:
    """A temporary officer's time is over now, on the phone as well."""
    own = (Membership.operator_id == operator_id) & (Membership.role == Role.HELPER)
    db.session.execute(update(Membership).where(own).values(until=clock.now()))
    end_sessions(operator=db.session.get_one(Operator, operator_id))
