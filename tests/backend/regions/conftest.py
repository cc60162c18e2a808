from collections.abc import Iterator

import pytest

from backend.core.app import build
from backend.core.config import Config, Mode
from backend.core.requests import Application
from backend.regions.feature import feature


@pytest.fixture(scope="session")
def regions_app(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """An application of this context alone, with a store of its own that is empty at first."""
    return build([feature], Config(_env_file=None, mode=Mode.TEST, data_dir=tmp_path_factory.mktemp("regions")))


@pytest.fixture
def app(regions_app: Application) -> Iterator[Application]:
    with regions_app.app_context():
        yield regions_app
