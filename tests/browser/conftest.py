"""The product as a process of its own, and a Chromium to look at it; skipped where there is none."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from urllib.error import URLError

import pytest

from backend.core.config import Config
from backend.core.requests import Application
from tests.conftest import ROOT, end, environment
from tests.story.stage import Stage, curtain, find_chromium

STARTS_WITHIN = 60


@pytest.fixture(scope="session")
def server(config: Config, application: Application) -> Iterator[str]:
    """The address of the web server, which runs on the tests' database and by the real clock."""
    del application
    command = [sys.executable, "-m", "backend.local.web", "wsgi:app", "--port", str(config.port), "--threads", "8"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(config), start_new_session=True)
    until = time.monotonic() + STARTS_WITHIN
    try:
        while not _answers(config.base_url):
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.2)
        yield config.base_url
    finally:
        end(process)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=1) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@pytest.fixture(scope="session")
def browser() -> Iterator[Stage]:
    """The browser."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with curtain(chromium) as stage:
        yield stage


@pytest.fixture
def stage(browser: Stage) -> Iterator[Stage]:
    """The browser, whose cameras see a white wall whatever an earlier test pointed them at.

    No device outlives its test: a page left open goes on asking, and its faults would be the next test's.
    """
    browser.point_camera_at("")
    yield browser
    browser.leave()
    browser.take_faults(())
