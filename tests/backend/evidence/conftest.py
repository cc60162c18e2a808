"""A log of its own for every test, with the tests' kinds of records."""

from collections.abc import Iterator

import pytest

from backend.core.requests import Application
from tests.factories.evidence import drop_kinds, make_kinds


@pytest.fixture
def log(app: Application) -> Iterator[Application]:
    """The application with an empty log."""
    make_kinds()
    yield app
    drop_kinds()
