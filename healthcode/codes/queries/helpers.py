"""Reads of temporary officers: by the QR, by who they are, and who of an office helps now."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, select

from backend.accounts.acting import Acting
from backend.accounts.models import Operator
from backend.core import clock
from backend.core.crypto import digest_of
from backend.core.db import db
from backend.core.errors import NotFound
from healthcode.codes.helper_rules import opens
from healthcode.codes.models import Helper, Shift
from healthcode.itinerary.models import Place


def find_invitation(token: str, *, lock: bool = False) -> Helper | None:
    """The invitation of a QR that a phone may still join by."""
    query = select(Helper).where(Helper.token_hash == digest_of(token), Helper.token.is_not(None))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None or opens(invited_at=found.invited_at, until=found.until) <= clock.now():
        return None
    return found


def open_invitation(shift: Shift) -> Helper | None:
    """The QR of a shift that waits for a phone."""
    query = select(Helper).where(Helper.shift_id == shift.id, Helper.token.is_not(None)).order_by(Helper.id.desc())
    found = db.session.scalars(query.limit(1)).first()
    if found is None or opens(invited_at=found.invited_at, until=found.until) <= clock.now():
        return None
    return found


def find_post(operator_id: UUID) -> Row[Helper, Place]:
    """(helper, place) of a temporary officer at work. Refuses: NotFound once the shift is over."""
    query = select(Helper, Place).join(Place, Place.id == Helper.place_id)
    row = db.session.execute(query.where(Helper.helper_id == operator_id, Helper.until > clock.now())).one_or_none()
    if row is None:
        raise NotFound
    return row


def list_helpers(*, seen_by: Acting) -> Sequence[Row[Helper, str, str]]:
    """(helper, who invited, place) of an office whose shift is under way or ended today, the newest first."""
    midnight = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    query = (
        select(Helper, Operator.name, Place.name)
        .join(Operator, Operator.id == Helper.operator_id)
        .join(Place, Place.id == Helper.place_id)
        .where(
            Helper.organisation_id == seen_by.organisation_id,
            Helper.joined_at.is_not(None),
            Helper.until >= midnight,
        )
        .order_by(Helper.id.desc())
    )
    return db.session.execute(query).all()


def get_helper(helper_id: UUID, *, seen_by: Acting, lock: bool = False) -> Helper:
    """Refuses: NotFound for another office's."""
    own = (Helper.id == helper_id) & (Helper.organisation_id == seen_by.organisation_id)
    query = select(Helper).where(own)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


def helpers_of(shift_id: UUID) -> Sequence[Helper]:
    """All whom a shift invited and that aren't over, held until the transaction ends."""
    running = (Helper.shift_id == shift_id) & (Helper.until > clock.now())
    return db.session.scalars(select(Helper).where(running).with_for_update()).all()
