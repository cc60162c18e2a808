"""Sending what partners are told, and finding what is left to tell."""

from uuid import UUID

from backend.core import clock
from backend.core.config import settings
from backend.core.redis import redis_client
from backend.core.tasks import task
from backend.core.transactions import enqueue, release, transaction
from backend.partners import actions, queries
from backend.partners.gateway import PartnerClient


@task("partners.send")
def send(message_id: str) -> None:
    """Send one message, if it is its turn; no connection to the database is held meanwhile."""
    with transaction():
        attempt = actions.take(message_id=UUID(message_id))
    release()
    if attempt is None:
        return
    client = PartnerClient(
        partner=str(attempt.partner_id),
        base_url=attempt.base_url,
        client_id=attempt.client_id,
        secret=attempt.secret,
        key=settings().partners_key.get_secret_value(),
        redis=redis_client(),
    )
    status, answer = client.deliver(attempt.content, clock.now())
    with transaction():
        actions.settle(message_id=attempt.message_id, status=status, answer=answer)


@task("partners.sweep")
def sweep() -> None:
    """Send again what is due."""
    with transaction():
        for message_id in queries.list_due():
            enqueue(send, message_id)


@task("partners.gather")
def gather() -> None:
    """Tell of running transfers what changed without an event: colours, arrivals, seats; a transfer a transaction."""
    for transfer, _, _ in queries.list_running():
        with transaction():
            actions.gather(transfer_id=transfer.id)
