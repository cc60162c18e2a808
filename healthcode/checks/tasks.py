from backend.core.tasks import task
from backend.core.transactions import transaction
from healthcode.checks.actions import run_check
from healthcode.checks.rules import Check


@task("checks.health")
def health() -> None:
    """Who has not registered, not declared today, is not green, or won't be for long."""
    with transaction():
        run_check(check=Check.HEALTH)


@task("checks.location", queue="bulk")
def location() -> None:
    """Who is silent, off the route, elsewhere or overdue; and who has arrived. Geometry loads in the bulk worker."""
    with transaction():
        run_check(check=Check.LOCATION)
