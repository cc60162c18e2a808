"""What the log does by itself: it takes in what waits, every second, and erases what has had its day."""

from backend.core.tasks import task
from backend.core.transactions import transaction
from backend.evidence import actions
from backend.evidence.cosigning_tasks import meet_strangers


@task("evidence.sequence", queue="log")
def sequence() -> None:
    """Take in all that waits, unless a witness might know more than we do: it is asked first."""
    if meet_strangers():
        actions.sequence()


@task("evidence.tidy")
def tidy() -> None:
    """Make the coming days' partitions of openings."""
    with transaction():
        actions.keep_partitions()
