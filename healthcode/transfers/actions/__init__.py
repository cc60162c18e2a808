"""Writes: transfers and their moves, rosters from files, who of a roster is whom, arrivals, kept counters,
what is written down of a vehicle's people, who takes them over,
who starts work.
"""

from healthcode.transfers.actions.arrivals import mark_arrivals, note_sighting
from healthcode.transfers.actions.asking import ask_after_declaring, ask_on_the_way, destinations_of
from healthcode.transfers.actions.changing import change_vehicles
from healthcode.transfers.actions.claims import ClaimOutcome, claim, link_person, note_verified
from healthcode.transfers.actions.counting import mark_uncounted, note_colour, recount, uncounted
from healthcode.transfers.actions.employing import (
    confirm_starts,
    link_employer,
    note_employees_read,
    say_otherwise,
    unlink_employer,
)
from healthcode.transfers.actions.erasing import erase_ended
from healthcode.transfers.actions.exchange import erase_rosters, receive_roster, tell_arrivals
from healthcode.transfers.actions.forms import make_signed_form, print_form, read_form
from healthcode.transfers.actions.imports import confirm_import, discard_import, start_import
from healthcode.transfers.actions.inspecting import (
    VehicleCode,
    inspect,
    issue_vehicle_code,
    measure_aboard,
    open_vehicle,
)
from healthcode.transfers.actions.joining import join
from healthcode.transfers.actions.leading import note_list_read
from healthcode.transfers.actions.marks import Taken, Writer, take_mark, take_marks
from healthcode.transfers.actions.moves import create_transfer, move_transfer
from healthcode.transfers.actions.offering import take_next
from healthcode.transfers.actions.plans import add_seat_rule, assign_seats, reveal_crew, save_plan
from healthcode.transfers.actions.printing import print_cards
from healthcode.transfers.actions.proxies import PHONE_IN_USE, recognise
from healthcode.transfers.actions.receivers import ask_code, name_receiver, open_link, renew_link, withdraw_receiver
from healthcode.transfers.actions.receiving import answer, note_awaited_read, sign
from healthcode.transfers.actions.reminding import remind
from healthcode.transfers.actions.telling import tell_travellers
from healthcode.transfers.actions.vehicles import move_trip, recall_transfer

__all__ = [
    "PHONE_IN_USE",
    "ClaimOutcome",
    "Taken",
    "VehicleCode",
    "Writer",
    "add_seat_rule",
    "answer",
    "ask_after_declaring",
    "ask_code",
    "ask_on_the_way",
    "assign_seats",
    "change_vehicles",
    "claim",
    "confirm_import",
    "confirm_starts",
    "create_transfer",
    "destinations_of",
    "discard_import",
    "erase_ended",
    "erase_rosters",
    "inspect",
    "issue_vehicle_code",
    "join",
    "link_employer",
    "link_person",
    "make_signed_form",
    "mark_arrivals",
    "mark_uncounted",
    "measure_aboard",
    "move_transfer",
    "move_trip",
    "name_receiver",
    "note_awaited_read",
    "note_colour",
    "note_employees_read",
    "note_list_read",
    "note_sighting",
    "note_verified",
    "open_link",
    "open_vehicle",
    "print_cards",
    "print_form",
    "read_form",
    "recall_transfer",
    "receive_roster",
    "recognise",
    "recount",
    "remind",
    "renew_link",
    "reveal_crew",
    "save_plan",
    "say_otherwise",
    "sign",
    "start_import",
    "take_mark",
    "take_marks",
    "take_next",
    "tell_arrivals",
    "tell_travellers",
    "uncounted",
    "unlink_employer",
    "withdraw_receiver",
]
