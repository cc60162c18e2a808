"""Writes: screens that show a place's code, a new one each minute; and the codes themselves."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import digest_of, seal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound
from healthcode.itinerary import poster_text, queries, rotating
from healthcode.itinerary.models import Place, Poster, Screen
from healthcode.itinerary.rotating import HELD, Rotating
from healthcode.itinerary.rules import MOST_SCREENS

NAME = range(1, 21)
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Codes:
    """The links that a screen shows from now on, one a minute, the first one's minute since the epoch."""

    first: int
    links: list[str]
    version: int
    now: datetime


def add_screen(*, place: Place, name: str, by: Acting) -> Screen:
    """Let a device show a place's code; its link is good for a day, until one device has opened it.

    Refuses: NotFound for a place of another office; Invalid without a name; Conflict for a name that the place has
    already, so that a second click adds nothing, and beyond ten screens.
    """
    _lock_own(place, by)
    tidy = " ".join(name.split())
    if len(tidy) not in NAME:
        sentence = f"请填写屏幕放在哪里，例如“一号门”，最多 {NAME.stop - 1} 个字。"
        raise Invalid("itinerary.screen_name", sentence, fields={"name": sentence})
    others = [one for one in queries.list_screens(place) if one.revoked_at is None]
    if any(one.name == tidy for one in others):
        raise Conflict("itinerary.screen_known", f"这个场所已有名为“{tidy}”的屏幕；要换设备，请先停用它。")
    if len(others) >= MOST_SCREENS:
        raise Conflict("itinerary.screens_full", f"一个场所最多 {MOST_SCREENS} 块屏幕，请先停用不用的。")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    screen = Screen(
        place_id=place.id,
        name=tidy,
        operator_id=by.operator_id,
        created_at=clock.now(),
        token=seal(token, "itinerary.screen.token"),
        token_hash=digest_of(token),
    )
    db.session.add(screen)
    db.session.flush()
    return screen


def _lock_own(place: Place, by: Acting) -> None:
    if place.organisation_id != by.organisation_id:
        raise NotFound
    db.session.refresh(place, with_for_update=True)


def revoke_screen(*, place: Place, screen_id: UUID, by: Acting) -> Screen:
    """The device gets no more codes. Those that it holds end within the hour, at once only with the poster's version.

    Refuses: NotFound for a screen or place of another office.
    """
    _lock_own(place, by)
    screen = queries.get_screen(place, screen_id)
    screen.revoked_at = screen.revoked_at or clock.now()
    screen.token = screen.device_hash = None
    return screen


def open_screen(*, token: str) -> tuple[Screen, str]:
    """(screen, the secret that this device keeps from now on). The link opens once.

    Refuses: NotFound for a link that isn't one, was revoked or has ended; Conflict once a device has opened it.
    """
    screen = queries.find_screen_link(token)
    if screen is None:
        raise NotFound
    db.session.refresh(screen, with_for_update=True)
    if screen.bound_at is not None or screen.revoked_at is not None:
        raise Conflict("itinerary.screen_opened", "这个链接已经在一台设备上打开过。换设备请让工作人员新加一块屏幕。")
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    screen.device_hash, screen.bound_at, screen.token = digest_of(secret), clock.now(), None
    return screen, secret


def take_codes(*, screen: Screen) -> Codes:
    """The codes of the present minute and the hour ahead, for the device of a screen; never what they are made with."""
    screen.asked_at = now = clock.now()
    place = db.session.get_one(Place, screen.place_id)
    poster = queries.get_poster(place)
    first = rotating.minute_of(now)
    links = [_link(poster, place, minute) for minute in range(first, first + HELD + 1)]
    return Codes(first, links, poster.version, now)


def _link(poster: Poster, place: Place, minute: int) -> str:
    proof = rotating.mac(_secret(), place.id, poster.version, minute)
    return poster_text.poster_url(settings().base_url, rotating.write(poster.token, minute, proof))


def check_genuine(shown: Rotating, poster: Poster, place: Place) -> None:
    """Refuses: Invalid for a code that no screen of ours was given for this place and version."""
    if not rotating.is_genuine(shown, _secret(), place.id, poster.version):
        sentence = "这个屏幕码不是本平台发出的，可能是伪造的。请扫现场屏幕上的码，并告诉工作人员。"
        raise Invalid("itinerary.forged", sentence)


def _secret() -> bytes:
    return hmac.digest(settings().token_key.get_secret_value().encode(), b"itinerary.screen", "sha256")
