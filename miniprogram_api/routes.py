"""The API's two blueprints with every route hung on."""

from miniprogram_api import appeals, auth, health, inbox, me, travel
from miniprogram_api.guard import public, worker

__all__ = ["appeals", "auth", "health", "inbox", "me", "public", "travel", "worker"]
