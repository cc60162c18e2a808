"""A place's code on a screen: a new one each minute, which proves presence without a position.

The code is the poster's link with the minute and a MAC over place, poster version and minute: time-based as in RFC
6238, with HMAC-SHA-256 (RFC 2104) cut to 128 bits in place of six digits, since nobody types it. Whoever holds a code
learns nothing of another minute's. Revoking the poster's version revokes all of its codes at once.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from backend.core.clock import local
from healthcode.itinerary.rules import ACCURACY_LIMIT_M, PROVEN, Finding, Position, Presence, judge_scan

MINUTE = timedelta(minutes=1)
BEHIND = 2
"""Minutes that a code may be old: one for a screen whose clock is late (RFC 6238, 5.2), and one that people take from
seeing it to having sent it. A photograph of it is worth no more than three minutes after it was drawn.
"""
AHEAD = 1
"""Minutes that a code may be early, for a screen whose clock is fast."""
HELD = 60
"""Minutes that a screen holds ahead, so that it goes on for an hour without a network."""
MAC_BYTES = 16
CODE = re.compile(r"(?P<token>[A-Za-z0-9_-]{22})\.(?P<minute>\d{1,9})\.(?P<mac>[A-Za-z0-9_-]{22})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rotating:
    """What a screen's code says of itself: since the epoch, in which minute it was to be shown, and its proof."""

    minute: int
    mac: str

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.minute * MINUTE.total_seconds(), UTC)


class Age(Enum):
    """How a code of the own making stands to the present."""

    PRESENT = auto()
    PAST = auto()
    FUTURE = auto()


def minute_of(moment: datetime) -> int:
    """The number of the minute since the epoch."""
    return int(moment.timestamp() // MINUTE.total_seconds())


def mac(secret: bytes, place_id: UUID, version: int, minute: int) -> str:
    """The proof of one minute, 22 characters of base64url."""
    message = b"linghuo place code\0" + place_id.bytes + version.to_bytes(4) + minute.to_bytes(8)
    whole = hmac.digest(secret, message, "sha256")
    return urlsafe_b64encode(whole[:MAC_BYTES]).decode().rstrip("=")


def write(token: str, minute: int, proof: str) -> str:
    """The last part of the link; `CODE` reads it."""
    return f"{token}.{minute}.{proof}"


def is_genuine(shown: Rotating, secret: bytes, place_id: UUID, version: int) -> bool:
    """Whether the MAC is ours, compared in a time that tells nothing."""
    return hmac.compare_digest(mac(secret, place_id, version, shown.minute), shown.mac)


def age(minute: int, now: datetime) -> Age:
    """Whether a minute is the present one, within the tolerance."""
    present = minute_of(now)
    if minute < present - BEHIND:
        return Age.PAST
    return Age.FUTURE if minute > present + AHEAD else Age.PRESENT


def judge(minute: int, now: datetime, position: Position | None, distance_m: float | None, radius_m: int) -> Finding:
    """What a genuine code of this minute proves; `distance_m` is from the position to the place.

    A present one proves presence by itself, unless a position that is good enough says that the phone is elsewhere. An
    old or early one proves no more than a printed poster.
    """
    stands, by_position = age(minute, now), judge_scan(position, distance_m, radius_m)
    if stands is Age.PRESENT:
        elsewhere = position is not None and position.accuracy <= ACCURACY_LIMIT_M
        return by_position if elsewhere else PROVEN
    if by_position.presence is Presence.PROVEN:
        return PROVEN
    return Finding(Presence.UNPROVEN, STALE.format(_clock(minute)) if stands is Age.PAST else EARLY)


STALE = "这是屏幕上 {} 的码，每分钟换一次，已经过期，可能是别人拍照转发的，只能记为未证实。请到现场扫屏幕上现在的码。"
EARLY = "这个码还没有到显示的时间，不是从现场屏幕上扫的，只能记为未证实。请到现场扫屏幕上现在的码。"


def _clock(minute: int) -> str:
    return f"{local(Rotating(minute, '').at):%m-%d %H:%M}"
