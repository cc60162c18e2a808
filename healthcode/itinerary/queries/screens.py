"""Reads of the screens that show a place's code."""

import hmac
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.core import clock
from backend.core.config import settings
from backend.core.crypto import digest_of, unseal
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.itinerary.models import Place, Screen
from healthcode.itinerary.rules import SCREEN_LINK_LIFE


def list_screens(place: Place) -> Sequence[Screen]:
    """All screens that a place has or had, those in use first, then the newest."""
    query = select(Screen).where(Screen.place_id == place.id)
    return db.session.scalars(query.order_by(Screen.revoked_at.is_not(None), Screen.id.desc())).all()


def get_screen(place: Place, screen_id: UUID) -> Screen:
    """Refuses: NotFound for a screen of another place."""
    screen = db.session.scalar(select(Screen).where(Screen.id == screen_id, Screen.place_id == place.id))
    if screen is None:
        raise NotFound
    return screen


def find_screen_link(token: str) -> Screen | None:
    """The screen to which a link leads, as long as it isn't revoked, and isn't too old to be opened."""
    screen = db.session.scalar(select(Screen).where(Screen.token_hash == digest_of(token), Screen.revoked_at.is_(None)))
    if screen is None or (screen.bound_at is None and screen.created_at + SCREEN_LINK_LIFE <= clock.now()):
        return None
    return screen


def screen_link(screen: Screen) -> str | None:
    """The address that a device opens to become this screen; None once one has, or when it may not any more."""
    if screen.token is None or screen.revoked_at or screen.created_at + SCREEN_LINK_LIFE <= clock.now():
        return None
    return f"{settings().base_url}/screen/open/{unseal(screen.token)}"


def find_device(screen_id: UUID, secret: str) -> Screen | None:
    """The screen, if this secret is its own device's and it isn't revoked."""
    screen = db.session.get(Screen, screen_id)
    if screen is None or screen.revoked_at is not None or screen.device_hash is None:
        return None
    return screen if hmac.compare_digest(screen.device_hash, digest_of(secret)) else None


def place_of_screen(screen: Screen) -> Place:
    """The place whose code it shows."""
    return db.session.get_one(Place, screen.place_id)
