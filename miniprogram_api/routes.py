"""The API's two blueprints with every route hung on."""

from miniprogram_api import appeals, auth, cards, copies, facts, health, inbox, journeys, me, photos, travel, vehicles
from miniprogram_api.guard import public, worker

__all__ = [
    "appeals",
    "auth",
    "cards",
    "copies",
    "facts",
    "health",
    "inbox",
    "journeys",
    "me",
    "photos",
    "public",
    "travel",
    "vehicles",
    "worker",
]
