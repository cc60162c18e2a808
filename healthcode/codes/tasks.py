"""What happens to codes by itself: colours end, and there is always a key that signs, unanswered appeals go up."""

from backend.core.tasks import task
from backend.core.transactions import transaction
from healthcode.codes import actions


@task("codes.expire")
def expire() -> None:
    """Change the colours whose time has come, a batch a transaction."""
    more = True
    while more:
        with transaction():
            more = actions.expire_statuses() > 0


@task("codes.keep_key")
def keep_key() -> None:
    """Make the first key; later ones are made by `flask codes rotate-key`."""
    with transaction():
        actions.ensure_issuer_key()


@task("codes.rejudge", queue="bulk")
def rejudge() -> None:
    """Judge everybody anew: stays grow, regions get other levels, rules change."""
    with transaction():
        actions.rejudge()


@task("codes.escalate_appeals")
def escalate_appeals() -> None:
    """Hand appeals whose time is over to the region above, a batch a transaction."""
    more = True
    while more:
        with transaction():
            more = actions.escalate_appeals() > 0
