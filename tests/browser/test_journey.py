"""The first story in the test run: a fresh instance as `make run` starts it, a real browser, every step."""

import tempfile
from pathlib import Path

import pytest

from backend.local import services
from tests.conftest import free_ports
from tests.story.instance import running
from tests.story.journey import tell
from tests.story.stage import Stage
from tests.story.tale import Tale

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def test_every_step_of_the_first_story_holds(stage: Stage, tmp_path: Path) -> None:
    said: list[str] = []
    own = stage.another()
    # Not below pytest's own folder: under root that one is closed to PostgreSQL's user.
    data_dir = Path(tempfile.mkdtemp(prefix="linghuo-story-"))
    try:
        with running(data_dir, free_ports()) as instance:
            tale = Tale(own, instance, tmp_path, said.append)
            tell(tale, tmp_path)
    finally:
        own.leave()
        services.remove(data_dir)

    assert not tale.failures, "\n".join(said)
    assert list(tmp_path.glob("*-手机.png"))
    assert list(tmp_path.glob("*-桌面.png"))
