"""Accounts and their tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from backend.accounts import tokens
from backend.accounts.events import SpeakingEnded
from backend.accounts.models import Account, Holding, RefreshToken
from backend.accounts.rules import ACCESS_TOKEN_LIFE, PHONE_PROVES, REFRESH_GRACE, REFRESH_TOKEN_LIFE, HoldingState
from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import blind_index, seal
from backend.core.db import db, new_key
from backend.core.errors import Unauthenticated
from backend.core.events import emit_many
from backend.core.masks import mask_phone


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str
    expires_in: int
    account: Account


def sign_in_wechat(*, openid: str, phone: str | None) -> Account:
    """The account of a WeChat user, made at the first sign-in.

    A phone that WeChat vouches for is joined to it, in the place of one that it had before; if another account signed
    in by that phone before it knew WeChat, that account is the one, so that nobody has two. A number that was last
    proven long ago may be somebody else's by now: it leaves the account that had it, and opens nothing.
    """
    found = _find(Account.openid_index, blind_index(openid, "openid"))
    if phone is None:
        return found or _make(openid=openid)
    by_phone = _of_phone(phone, found)
    if found is None and by_phone is not None and by_phone.openid_index is None:
        by_phone.openid, by_phone.openid_index = seal(openid, "accounts.account.openid"), blind_index(openid, "openid")
        by_phone.phone_proven_at = clock.now()
        return by_phone
    account = found or _make(openid=openid)
    if by_phone is None or by_phone is account:
        _give_phone(account, phone)
    return account


def sign_in_phone(*, phone: str) -> Account:
    """The account of a phone number that an SMS code has proved, made at the first sign-in.

    The code proves who has the number now. Where it was last proven more than 90 days ago that may be somebody else:
    then a new account begins, and whoever is the same person says so by name and ID number as at the first time.
    """
    account = _of_phone(phone) or _make(phone=phone)
    account.phone_proven_at = clock.now()
    return account


def _of_phone(phone: str, asking: Account | None = None) -> Account | None:
    """The account for which this number still stands; it is taken from one for which it was proven too long ago."""
    account = _find(Account.phone_index, blind_index(phone, "phone"))
    if account is None or account is asking:
        return account
    if account.phone_proven_at is not None and account.phone_proven_at > clock.now() - PHONE_PROVES:
        return account
    _take_phone(account)
    return None


def _take_phone(account: Account) -> None:
    """The number is somebody else's now. An account that nobody can sign in to any more speaks for nobody from then on,
    so that whoever it was can register again at once; one that is still signed in somewhere goes on.
    """
    account.phone = account.phone_index = account.phone_mask = account.phone_proven_at = None
    db.session.flush()
    live = (RefreshToken.revoked_at.is_(None)) & (RefreshToken.expires_at > clock.now())
    signed_in = select(RefreshToken.id).where(RefreshToken.account_id == account.id, live).limit(1)
    if account.openid_index is None and db.session.scalar(signed_in) is None:
        speaking = Holding.state.in_([HoldingState.CONFIRMED, HoldingState.PENDING])
        ended = {"state": HoldingState.ENDED, "decided_at": clock.now()}
        theirs = update(Holding).where(Holding.account_id == account.id, speaking).values(**ended)
        people = db.session.scalars(theirs.returning(Holding.person_id)).all()
        emit_many(SpeakingEnded(account_id=account.id, person_id=person_id) for person_id in people)


def _find(column: object, index: bytes) -> Account | None:
    return db.session.scalar(select(Account).where(column == index))  # type: ignore[arg-type] # a column compares to a clause


def _make(*, openid: str | None = None, phone: str | None = None) -> Account:
    """Insert, or take the row that a second click inserted at the same moment."""
    values: dict[str, object] = {"id": new_key(), "created_at": clock.now()}
    if openid:
        values |= {"openid": seal(openid, "accounts.account.openid"), "openid_index": blind_index(openid, "openid")}
    if phone:
        values |= _phone(phone)
    db.session.execute(insert(Account).values(values).on_conflict_do_nothing())
    column, index = (
        (Account.openid_index, values["openid_index"]) if openid else (Account.phone_index, values["phone_index"])
    )
    return db.session.scalars(select(Account).where(column == index)).one()


def _phone(phone: str) -> dict[str, object]:
    return {
        "phone": seal(phone, "accounts.account.phone"),
        "phone_index": blind_index(phone, "phone"),
        "phone_mask": mask_phone(phone),
        "phone_proven_at": clock.now(),
    }


def _give_phone(account: Account, phone: str) -> None:
    for name, value in _phone(phone).items():
        setattr(account, name, value)


def issue_tokens(*, account: Account, family: UUID | None = None) -> Tokens:
    """An access token, and a refresh token that starts a chain or goes on with one."""
    moment, secret = clock.now(), secrets.token_urlsafe(32)
    db.session.add(
        RefreshToken(
            account_id=account.id,
            family=family or new_key(),
            digest=_digest(secret),
            expires_at=moment + REFRESH_TOKEN_LIFE,
        )
    )
    access = tokens.issue(account.id, settings().token_key.get_secret_value(), moment)
    return Tokens(access, secret, int(ACCESS_TOKEN_LIFE.total_seconds()), account)


def refresh_tokens(*, token: str) -> Tokens | None:
    """The next link of the chain.

    A link used within the last minute works again, since its answer may not have arrived. None, with the whole chain
    ended, when it was used before that: one of its two users stole it (RFC 9700, 4.14.2).
    Refuses: Unauthenticated when it is unknown, ended or revoked.
    """
    link = db.session.scalar(select(RefreshToken).where(RefreshToken.digest == _digest(token)).with_for_update())
    if link is None or link.revoked_at is not None or link.expires_at <= clock.now():
        raise Unauthenticated("accounts.refresh_ended", tokens.SIGN_IN_AGAIN)
    if link.used_at is not None and clock.now() > link.used_at + REFRESH_GRACE:
        _end_chain(link.family)
        return None
    link.used_at = link.used_at or clock.now()
    return issue_tokens(account=db.session.get_one(Account, link.account_id), family=link.family)


def revoke_tokens(*, token: str) -> None:
    """Sign out: the chain of this token ends; an unknown token is signed out already."""
    link = db.session.scalar(select(RefreshToken).where(RefreshToken.digest == _digest(token)))
    if link is not None:
        _end_chain(link.family)


def _end_chain(family: UUID) -> None:
    db.session.execute(update(RefreshToken).where(RefreshToken.family == family).values(revoked_at=clock.now()))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
