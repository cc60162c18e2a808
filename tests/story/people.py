"""Who looks at which screen, and what the chapters hand on to each other."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from tests.story.cast import Files
from tests.story.tale import Tale

STATION_NAME = "铜仁南站（虚构）"
STATION = {"longitude": 109.2012, "latitude": 27.7248, "accuracy": 20}
FAR_AWAY = {"longitude": 104.0665, "latitude": 30.6570, "accuracy": 30}
"""Chengdu, on no way from Tongren to Kunshan."""
KUNSHAN = {"longitude": 120.9560, "latitude": 31.3920, "accuracy": 25}


@dataclass
class World:
    """The devices, each with its own cookies, and what was found on the way."""

    tale: Tale
    folder: Path
    files: Files
    tongren: Page
    kunshan: Page
    zunyi: Page
    officer: Page
    phones: dict[str, Page] = field(default_factory=dict)
    transfer_id: str = ""
    faults: Path = Path()
    rostered: int = 0
    poster: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    """Health codes as read from the screens, by name."""

    @property
    def url(self) -> str:
        return self.tale.instance.url

    @property
    def sandbox_url(self) -> str:
        return self.tale.instance.sandbox_url

    @property
    def transfer_url(self) -> str:
        return f"{self.url}/console/transfers/{self.transfer_id}"
