"""Attempts to reach an account: claimed before the call, recorded after it, never repeated blindly.

The task claims and commits, calls with no connection held, records and commits. A claim that nobody recorded is a
crash in between: an SMS is asked about by its idempotency key, a subscribe message, which WeChat can't be asked about,
stays unknown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.accounts.models import Account
from backend.core import clock
from backend.core.crypto import unseal
from backend.core.db import db, new_key
from backend.notices.models import Attempt, Grant, Message
from backend.notices.rules import Channel, Kind, State
from backend.notices.templates import TEMPLATE_OF

CRASHED_AFTER = timedelta(seconds=60)
"""Longer than any call lasts."""
MOST_TRIES = 5
ASKED_FOR = timedelta(hours=24)
"""How long a sent SMS is asked about; without a receipt by then it stays sent."""


class Do(StrEnum):
    SEND = "send"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed attempt and all that the call needs, so that no connection is held while it lasts."""

    do: Do
    attempt_id: UUID
    channel: Channel
    kind: Kind
    title: str
    page: str
    created_at: datetime
    address: str
    """An openid or a phone number."""
    provider_id: str | None

    def __repr__(self) -> str:
        return f"Work({self.do}, {self.attempt_id}, {self.channel})"


class Result(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    NO_CONSENT = "no_consent"
    REFUSED = "refused"  # for good
    LATER = "later"  # nothing was done, it may be tried again
    UNKNOWN = "unknown"  # it may have gone out
    NEVER_ARRIVED = "never_arrived"  # asked about, and unknown there: it may be sent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call; `reason` is the other side's code."""

    result: Result
    provider_id: str | None = None
    reason: str | None = None
    retry_after: int | None = None


def claim_due() -> Work | bool | None:
    """Take the next attempt in hand: work to do; True when it was settled without a call; None when nothing is due."""
    moment = clock.now()
    attempt = db.session.scalar(
        select(Attempt)
        .where(Attempt.due_at <= moment)
        .order_by(Attempt.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if attempt is None:
        return None
    message = db.session.get_one(Message, attempt.message_id)
    account = db.session.get_one(Account, attempt.account_id)
    attempt.updated_at = moment
    do = Do.SEND if attempt.state is State.QUEUED else Do.ASK
    if do is Do.ASK and attempt.channel is Channel.WECHAT:
        attempt.state, attempt.due_at = State.UNKNOWN, None
        return True
    address = account.openid if attempt.channel is Channel.WECHAT else account.phone
    if address is None:
        _settle(attempt, State.FAILED, "no_address")
        return True
    if do is Do.SEND and attempt.channel is Channel.WECHAT and not _spend_consent(attempt, message.kind):
        _settle(attempt, State.SKIPPED, "no_consent")
        _next_channel(attempt, account)
        return True
    attempt.due_at = moment + CRASHED_AFTER
    if do is Do.SEND:
        attempt.state, attempt.tries = State.SENDING, attempt.tries + 1
    return Work(
        do,
        attempt.id,
        attempt.channel,
        message.kind,
        message.title,
        message.page,
        message.created_at,
        unseal(address),
        attempt.provider_id,
    )


def _spend_consent(attempt: Attempt, kind: Kind) -> bool:
    spent = (
        update(Grant)
        .where(Grant.account_id == attempt.account_id, Grant.template == TEMPLATE_OF[kind].id, Grant.left > 0)
        .values(left=Grant.left - 1)
        .returning(Grant.id)
    )
    return db.session.scalar(spent) is not None


def _give_back(attempt: Attempt, kind: Kind, left: int | None = None) -> None:
    """Return a consent that no message has used; `left` is what is known to be left instead."""
    db.session.execute(
        update(Grant)
        .where(Grant.account_id == attempt.account_id, Grant.template == TEMPLATE_OF[kind].id)
        .values(left=Grant.left + 1 if left is None else left)
    )


def record(*, attempt_id: UUID, outcome: Outcome) -> None:
    """Write down what came of a call; where it is certain that nobody was reached, the next channel takes over."""
    attempt = db.session.scalars(select(Attempt).where(Attempt.id == attempt_id).with_for_update()).one()
    kind = db.session.scalars(select(Message.kind).where(Message.id == attempt.message_id)).one()
    account = db.session.get_one(Account, attempt.account_id)
    attempt.updated_at = clock.now()
    attempt.provider_id = outcome.provider_id or attempt.provider_id
    by_wechat = attempt.channel is Channel.WECHAT
    match outcome.result:
        case Result.SENT:
            _sent(attempt)
        case Result.DELIVERED:
            _settle(attempt, State.DELIVERED, None)
        case Result.UNKNOWN:
            _unknown(attempt, outcome)
        case Result.NO_CONSENT:
            _give_back(attempt, kind, left=0)
            _settle(attempt, State.SKIPPED, "no_consent")
            _next_channel(attempt, account)
        case Result.REFUSED:
            if by_wechat:
                _give_back(attempt, kind)
            _settle(attempt, State.FAILED, outcome.reason)
            _next_channel(attempt, account)
        case Result.LATER | Result.NEVER_ARRIVED:
            if by_wechat:
                _give_back(attempt, kind)
            _again(attempt, account, outcome)


def _sent(attempt: Attempt) -> None:
    """WeChat reports nothing more; an SMS is asked about until its receipt comes, less and less often."""
    attempt.state, attempt.error, attempt.due_at = State.SENT, None, _when_to_ask(attempt)


def _unknown(attempt: Attempt, outcome: Outcome) -> None:
    """It may have gone out: an SMS is asked about, and one that is known to be on its way stays so meanwhile."""
    if attempt.provider_id is None:
        attempt.state, attempt.error = State.UNKNOWN, outcome.reason
    attempt.due_at = _when_to_ask(attempt)


def _when_to_ask(attempt: Attempt) -> datetime | None:
    age = clock.now() - db.session.scalars(select(Message.created_at).where(Message.id == attempt.message_id)).one()
    if attempt.channel is Channel.WECHAT or age >= ASKED_FOR:
        return None
    return clock.now() + max(timedelta(seconds=20), age / 2)


def _settle(attempt: Attempt, state: State, error: str | None) -> None:
    attempt.state, attempt.error, attempt.due_at = state, error, None


def _pause(tries: int) -> timedelta:
    return timedelta(seconds=15 * 2**tries)


def _again(attempt: Attempt, account: Account, outcome: Outcome) -> None:
    """Queue it once more, later each time; five times at most."""
    if attempt.tries >= MOST_TRIES:
        _settle(attempt, State.FAILED, outcome.reason or outcome.result)
        _next_channel(attempt, account)
        return
    wait = max(timedelta(seconds=outcome.retry_after or 0), _pause(attempt.tries))
    attempt.state, attempt.error, attempt.due_at = State.QUEUED, outcome.reason, clock.now() + wait


def _next_channel(attempt: Attempt, account: Account) -> None:
    if attempt.channel is not Channel.WECHAT or account.phone_index is None:
        return
    values = {
        "id": new_key(),
        "message_id": attempt.message_id,
        "account_id": attempt.account_id,
        "channel": Channel.SMS,
        "state": State.QUEUED,
        "tries": 0,
        "due_at": clock.now(),
        "updated_at": clock.now(),
    }
    db.session.execute(insert(Attempt).values(values).on_conflict_do_nothing())


def count_due() -> int:
    """How many attempts wait to be sent or asked about."""
    return db.session.scalar(select(func.count()).where(Attempt.due_at <= clock.now())) or 0
