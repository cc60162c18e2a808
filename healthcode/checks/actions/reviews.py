"""The same look at one person as soon as something changed, so that an official's list doesn't lag ten minutes."""

from sqlalchemy import delete, update

from backend.core import clock
from backend.core.db import db
from healthcode.checks.actions.runs import look
from healthcode.checks.models import Finding, Tally
from healthcode.checks.rules import Check
from healthcode.codes.events import ColourChanged, Declared
from healthcode.itinerary.events import Sighted
from healthcode.transfers.events import Claimed, TransferMoved
from healthcode.transfers.rules import ENDED, State


def review_declared(event: Declared) -> None:
    """Somebody declared: not undeclared, and not silent, any more."""
    look(Check.HEALTH, event.person_id)
    look(Check.LOCATION, event.person_id)


def review_colour(event: ColourChanged) -> None:
    """Somebody's colour is another one."""
    look(Check.HEALTH, event.person_id)


def review_sighted(event: Sighted) -> None:
    """Somebody was heard of: no longer silent, perhaps arrived, perhaps elsewhere."""
    look(Check.LOCATION, event.person_id)


def review_claimed(event: Claimed) -> None:
    """Rows of rosters have their person: what is found of these rows is something else now."""
    look(Check.HEALTH, event.person_id)
    look(Check.LOCATION, event.person_id)


def close_ended(event: TransferMoved) -> None:
    """An ended transfer's findings are closed: nobody has to act on them."""
    if State(event.after) not in ENDED:
        return
    open_ones = (Finding.transfer_id == event.transfer_id) & Finding.closed_at.is_(None)
    db.session.execute(update(Finding).where(open_ones).values(closed_at=clock.now()))
    db.session.execute(delete(Tally).where(Tally.transfer_id == event.transfer_id))
