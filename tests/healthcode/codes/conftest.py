import pytest
from hypothesis import settings

from backend.accounts.models import Person
from backend.core.requests import Application
from tests.conftest import Travel
from tests.factories.accounts import make_person
from tests.factories.codes import make_issuer_key


@pytest.fixture
def person(app: Application, clock: Travel) -> Person:
    """杨秀英, whom an account speaks for, with a key that signs codes."""
    del app, clock
    make_issuer_key()
    return make_person()


# A busy machine is no fault of the code's.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
