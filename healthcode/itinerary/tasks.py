"""Looking up where reported positions lie, and making stays of what is proven."""

from typing import cast

from backend.core.features import load
from backend.core.tasks import task
from backend.core.transactions import transaction
from healthcode.itinerary import actions


@task("itinerary.locate", queue="bulk")
def locate() -> None:
    """Find the regions of new positions, a batch a transaction. The boundaries load here, in the bulk worker alone."""
    locate_sightings = load("healthcode.itinerary.locating:locate_sightings")
    more = True
    while more:
        with transaction():
            more = cast("int", locate_sightings()) > 0


@task("itinerary.stays", queue="bulk")
def stays() -> None:
    """Take new proofs into the stays, a batch a transaction."""
    more = True
    while more:
        with transaction():
            more = actions.build_stays() > 0
