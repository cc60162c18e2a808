from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.accounts.events import ClaimDecided
from backend.core import deliveries
from backend.core.background import deliver, sweep
from backend.core.db import db
from backend.core.events import emit
from backend.core.models import Delivery
from backend.core.redis import redis_client
from backend.core.transactions import transaction
from tests.conftest import Travel

pytestmark = pytest.mark.usefixtures("clock")
heard: list[ClaimDecided] = []
FACT = ClaimDecided(holding_id=uuid4(), person_id=uuid4(), confirmed=True)


def listen(event: ClaimDecided) -> None:
    heard.append(event)


def fail(event: ClaimDecided) -> None:
    raise RuntimeError(f"cannot hear {event.confirmed}")


@pytest.fixture
def listening(app, monkeypatch):
    """Let one listener of this module hear the fact instead of the product's."""

    def by(name: str) -> None:
        monkeypatch.setitem(app.extensions["linghuo.listeners"], ClaimDecided, [f"{__name__}:{name}"])
        monkeypatch.setitem(app.extensions["linghuo.events"], "backend.accounts.events:ClaimDecided", ClaimDecided)

    heard.clear()
    return by


def waiting() -> list[Delivery]:
    return list(db.session.scalars(select(Delivery).where(Delivery.done_at.is_(None))))


def test_an_event_of_a_rolled_back_transaction_never_happened(listening):
    listening("listen")
    with pytest.raises(RuntimeError), transaction():
        emit(FACT)
        raise RuntimeError
    assert waiting() == []
    assert redis_client().llen("default") == 0


def test_a_committed_event_is_handed_to_the_broker_and_heard_once(listening):
    listening("listen")
    with transaction():
        emit(FACT)
    assert redis_client().llen("default") == 1
    (row,) = waiting()
    deliver(str(row.id))
    deliver(str(row.id))
    assert heard == [FACT]
    assert waiting() == []


def test_what_the_broker_lost_is_sent_again_by_the_sweep(listening, clock: Travel):
    listening("listen")
    with transaction():
        emit(FACT)
    redis_client().flushdb()
    clock.shift(timedelta(seconds=1))
    sweep()
    assert redis_client().llen("default") == 1
    sweep()
    assert redis_client().llen("default") == 1, "a delivery just sent is not stale"


def test_a_failing_listener_is_tried_again_later_and_later(listening, clock: Travel):
    listening("fail")
    with transaction():
        emit(FACT)
    (row,) = waiting()
    key = row.id
    for attempt in (1, 2):
        deliver(str(key))
        row = db.session.get_one(Delivery, key)
        assert (row.attempts, row.next_at) == (attempt, clock() + timedelta(seconds=2**attempt))
    assert "cannot hear" in row.error


def test_a_broken_broker_does_not_undo_the_commit(listening, app, monkeypatch):
    listening("listen")
    monkeypatch.setattr("backend.core.tasks.Task.apply_async", _refuse)
    with transaction():
        emit(FACT)
    assert len(waiting()) == 1
    assert app is not None


def _refuse(*_args, **_options):
    raise ConnectionError("the broker is down")


def test_old_deliveries_are_cleared_and_waiting_ones_kept(listening, clock: Travel):
    listening("listen")
    with transaction():
        emit(FACT)
    with transaction():
        emit(FACT)
    deliver(str(waiting()[0].id))
    clock.shift(timedelta(days=8))
    with transaction():
        assert deliveries.erase_delivered(clock.moment - timedelta(days=7)) == {"core.delivery": 1}
    assert len(list(db.session.scalars(select(Delivery)))) == 1
    assert deliveries.count_waiting() == 1
