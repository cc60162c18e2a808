"""Kinds of messages, states, and how long tokens, signatures and attempts last."""

from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

from healthcode.transfers.rules import State


class PartnerState(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"


PARTNER_STATE_NAMES = {PartnerState.ACTIVE: "对接中", PartnerState.REVOKED: "已停用"}


class Scope(StrEnum):
    TRANSFERS = "transfers"
    COLOURS = "colours"
    ARRIVALS = "arrivals"


class MessageKind(StrEnum):
    OFFER = "transfer.offer"  # a transfer with its roster; again when the roster changed
    MOVE = "transfer.move"  # agreed, declined, cancelled, called back, on duty …
    TRIP = "trip.move"  # a vehicle left, arrived, returns
    COLOURS = "colours"  # of all its people, as of a moment
    ARRIVALS = "arrivals"  # of named people


SCOPE_OF = {
    MessageKind.OFFER: Scope.TRANSFERS,
    MessageKind.MOVE: Scope.TRANSFERS,
    MessageKind.TRIP: Scope.TRANSFERS,
    MessageKind.COLOURS: Scope.COLOURS,
    MessageKind.ARRIVALS: Scope.ARRIVALS,
}
KIND_NAMES = {
    MessageKind.OFFER: "输送和花名册",
    MessageKind.MOVE: "输送办理",
    MessageKind.TRIP: "车次办理",
    MessageKind.COLOURS: "健康码",
    MessageKind.ARRIVALS: "到达",
}


class SendState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"  # the partner said no, and why
    STUCK = "stuck"  # tried often enough: a person decides
    DROPPED = "dropped"  # a person gave it up


SEND_STATE_NAMES = {
    SendState.WAITING: "等待发送",
    SendState.DONE: "已送达",
    SendState.REFUSED: "对方拒绝",
    SendState.STUCK: "多次没有送达",
    SendState.DROPPED: "已放弃",
}
IN_THE_WAY = frozenset({SendState.WAITING, SendState.STUCK})
"""What holds back the later messages of its transfer."""
DEAD = frozenset({SendState.REFUSED, SendState.STUCK})
"""What somebody should look at."""

TOLD_BY_HAND = frozenset(
    {State.AGREED, State.ENROLLING, State.DEPARTING, State.IN_TRANSIT, State.ARRIVED, State.ON_DUTY, State.CLOSED}
    | {State.CANCELLED}
)
"""Moves that the other side is told of."""
RECALLED = "recalled"
"""Not a state: vehicles on their way are called back."""

TOKEN_LIFE = timedelta(minutes=10)
SECRET_OVERLAP = timedelta(hours=24)
"""How long the secret before still works after a new one was made."""
SIGNATURE_LIFE = timedelta(minutes=2)
LONGEST_SIGNATURE = timedelta(minutes=5)
SKEW = timedelta(seconds=60)
"""How far apart two deployments' clocks may be."""
MOST_TRAVELLERS = 2000  # a train takes 1,400
MOST_ATTEMPTS = 14
LONGEST_WAIT = timedelta(hours=2)
LEASE = timedelta(seconds=60)
"""How long one attempt may take before another begins."""


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, about a day in all."""
    return min(timedelta(seconds=5 * 2**attempts), LONGEST_WAIT)


def state_after(status: int, attempts: int) -> SendState:
    """Where a message stands after an answer with this HTTP status; 0 where none came."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return SendState.DONE
    passing = {HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in passing:
        return SendState.REFUSED
    return SendState.STUCK if attempts >= MOST_ATTEMPTS else SendState.WAITING
