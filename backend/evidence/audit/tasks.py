"""The nightly audit; in the worker of long tasks, so that the sequencer doesn't wait for it."""

from backend.core.tasks import task
from backend.evidence.audit import actions


@task("evidence.audit", queue="bulk")
def audit() -> None:
    """Audit the whole log."""
    actions.audit()
