"""Organisations, operators and their sign-in."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from backend.accounts.events import OperatorLeft
from backend.accounts.models import Membership, Operator, Organisation
from backend.accounts.rules import ROLES_OF, OrganisationKind, Role
from backend.core import clock
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid, Unauthenticated
from backend.core.events import emit
from backend.core.limits import forgive, limit

SHORTEST_PASSWORD = 10
HASHER = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """Verified when the name is unknown, so that an unknown name takes as long as a wrong password."""
    return HASHER.hash("nobody")


def create_organisation(*, kind: OrganisationKind, name: str, region_code: str) -> Organisation:
    """Refuses: Conflict when the name is taken."""
    if db.session.scalar(select(Organisation.id).where(Organisation.name == name)):
        raise Conflict("accounts.organisation_exists", f"“{name}”已经存在。", fields={"name": "名称已存在。"})
    organisation = Organisation(kind=kind, name=name, region_code=region_code, created_at=clock.now())
    db.session.add(organisation)
    db.session.flush()
    return organisation


def create_operator(*, username: str, name: str, password: str) -> Operator:
    """Refuses: Conflict when the username is taken, Invalid when the password is shorter than ten characters."""
    if len(password) < SHORTEST_PASSWORD:
        sentence = f"密码至少 {SHORTEST_PASSWORD} 位。"
        raise Invalid("accounts.password_short", sentence, fields={"password": sentence})
    if db.session.scalar(select(Operator.id).where(Operator.username == username)):
        raise Conflict(
            "accounts.operator_exists", f"用户名“{username}”已经存在。", fields={"username": "用户名已存在。"}
        )
    operator = Operator(
        username=username, name=name, password_hash=HASHER.hash(password), session_epoch=1, created_at=clock.now()
    )
    db.session.add(operator)
    db.session.flush()
    return operator


def add_membership(*, operator: Operator, organisation: Organisation, role: Role) -> None:
    """Refuses: Invalid when such an organisation has no such role; adding twice is adding once."""
    if role not in ROLES_OF.get(organisation.kind, frozenset()):
        raise Invalid("accounts.role_unfit", "这类单位没有这个角色。", fields={"role": "请换一个角色。"})
    values = {"id": new_key(), "operator_id": operator.id, "organisation_id": organisation.id, "role": role}
    db.session.execute(insert(Membership).values(values).on_conflict_do_nothing())


def sign_in_operator(*, username: str, password: str) -> Operator:
    """The operator of this name and password.

    Refuses: Unauthenticated, the same for an unknown name, a wrong password and a disabled operator; TooMany after ten
    wrong tries of a name within a quarter of an hour.
    """
    limit("operator.sign_in", username, times=10, seconds=900)
    operator = db.session.scalar(select(Operator).where(Operator.username == username))
    try:
        HASHER.verify(operator.password_hash if operator else _nobodys_hash(), password)
    except (VerificationError, InvalidHashError) as wrong:
        raise Unauthenticated(
            "accounts.sign_in_failed", "用户名或密码不对，请重试。忘记密码请联系平台管理员。"
        ) from wrong
    if operator is None or operator.disabled_at is not None:
        raise Unauthenticated("accounts.sign_in_failed", "用户名或密码不对，请重试。忘记密码请联系平台管理员。")
    forgive("operator.sign_in", username)
    if HASHER.check_needs_rehash(operator.password_hash):
        operator.password_hash = HASHER.hash(password)
    return operator


def disable_operator(*, operator: Operator) -> None:
    """The operator signs in no more, and every open session ends."""
    operator.disabled_at = operator.disabled_at or clock.now()
    end_sessions(operator=operator)
    emit(OperatorLeft(operator.id))


def end_sessions(*, operator: Operator) -> None:
    """Every session of this operator ends at its next request."""
    db.session.execute(
        update(Operator).where(Operator.id == operator.id).values(session_epoch=Operator.session_epoch + 1)
    )
