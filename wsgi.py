"""The WSGI entry, and the one list of features, from the ground up."""

from backend.accounts.feature import feature as accounts
from backend.consoles.feature import feature as consoles
from backend.core.app import build
from backend.core.config import Config, Mode
from backend.core.feature import feature as core
from backend.core.requests import Application
from backend.evidence.feature import feature as evidence
from backend.local.feature import feature as demo
from backend.notices.feature import feature as notices
from backend.partners.feature import feature as partners
from backend.privacy.feature import feature as privacy
from backend.regions.feature import feature as regions
from healthcode.checks.feature import feature as checks
from healthcode.codes.feature import feature as codes
from healthcode.itinerary.feature import feature as itinerary
from healthcode.reports.feature import feature as reports
from healthcode.transfers.feature import feature as transfers
from miniprogram_api.feature import feature as miniprogram

FEATURES = (
    core,
    evidence,
    regions,
    accounts,
    privacy,
    notices,
    itinerary,
    codes,
    transfers,
    checks,
    reports,
    partners,
    consoles,
    miniprogram,
)


def create_app(config: Config | None = None) -> Application:
    """The whole product; without a configuration it reads the environment and `.env`."""
    chosen = config or Config()
    return build(FEATURES if chosen.mode is Mode.PRODUCTION else (*FEATURES, demo), chosen)


def __getattr__(name: str) -> Application:
    """`wsgi:app` is made when a server asks for it, not when a test imports this module."""
    if name == "app":
        return create_app()
    raise AttributeError(name)
