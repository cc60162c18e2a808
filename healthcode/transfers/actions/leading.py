"""What the leader of a vehicle reads of its passengers, written down for the office that named the leader."""

from collections.abc import Sequence

from backend.accounts import actions as accounts
from backend.core.db import db
from healthcode.transfers.models import Entry, Plan, Transfer, Trip

PURPOSE = "车长核对乘车名单（{}，{}）"
FIELDS = ("姓名", "身份证后四位", "座位", "健康码颜色", "体温")


def note_list_read(*, plan: Plan, leader: Entry, entries: Sequence[Entry]) -> None:
    """Write down that leader or deputy have the list, once a day for each passenger, who finds it among who looked."""
    trip = db.session.get_one(Trip, plan.trip_id)
    accounts.log_entrusted(
        subjects=[entry.resident_id_index for entry in entries if entry.id != leader.id],
        operator_id=plan.operator_id,
        organisation_id=db.session.get_one(Transfer, trip.transfer_id).origin_id,
        purpose=PURPOSE.format(trip.vehicle or "未定车牌", leader.name_mask),
        fields=FIELDS,
    )
