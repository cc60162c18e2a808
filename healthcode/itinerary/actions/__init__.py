"""Writes: places, their posters and screens; scans and positions; declared journeys; the risk of regions; stays."""

from healthcode.itinerary.actions.carrying import Carried, carry
from healthcode.itinerary.actions.declaring import declare_trip, withdraw_trip
from healthcode.itinerary.actions.erasing import erase_last_seen
from healthcode.itinerary.actions.places import LONGEST_NAME, create_place, renew_poster
from healthcode.itinerary.actions.risk import (
    compute_risk,
    confirm_risk_list,
    discard_risk_list,
    propose_risk_list,
)
from healthcode.itinerary.actions.screens import add_screen, open_screen, revoke_screen, take_codes
from healthcode.itinerary.actions.sightings import note_sign, report_position, scan_place, see_by_officer
from healthcode.itinerary.actions.stays import build_stays

__all__ = [
    "LONGEST_NAME",
    "Carried",
    "add_screen",
    "build_stays",
    "carry",
    "compute_risk",
    "confirm_risk_list",
    "create_place",
    "declare_trip",
    "discard_risk_list",
    "erase_last_seen",
    "note_sign",
    "open_screen",
    "propose_risk_list",
    "renew_poster",
    "report_position",
    "revoke_screen",
    "scan_place",
    "see_by_officer",
    "take_codes",
    "withdraw_trip",
]
