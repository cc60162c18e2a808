"""The checkpoint page's endpoints for a whole vehicle, opened by the code that its leader shows. For officers alone."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from backend.accounts.rules import Role
from backend.consoles.checkpoint import read_sent
from backend.consoles.guard import current_office, guard
from backend.core import clock
from healthcode.codes.rules import OUTCOME_NAMES, Colour, Outcome
from healthcode.transfers import actions, queries
from healthcode.transfers.models import Inspection, Trip
from healthcode.transfers.queries import Looked
from healthcode.transfers.rules import MODE_NAMES, TRIP_STATE_NAMES

MOST_PEOPLE = 3000
api = guard(Blueprint("checkpoint_vehicles", __name__, url_prefix="/checkpoint/api/vehicles"), Role.OFFICER)


class OpenIn(BaseModel):
    """A vehicle's code as scanned."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=4000)]
    place_id: UUID | None
    request_key: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]


class InspectIn(BaseModel):
    """Whom of the list the officer looked at."""

    model_config = ConfigDict(extra="forbid")

    entry_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PEOPLE)]


class TemperatureIn(BaseModel):
    """A temperature of somebody of the list, in degrees Celsius."""

    model_config = ConfigDict(extra="forbid")

    entry_id: UUID
    request_key: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
    temperature: Annotated[float, Field(ge=34, le=43, allow_inf_nan=False)]


@api.post("/")
def open_vehicle() -> ResponseReturnValue:
    """Everybody aboard, whoever doesn't pass first. The same `request_key` again is the same inspection."""
    sent = read_sent(OpenIn, "扫码内容没有送达，请重新扫描。")
    inspection, trip = actions.open_vehicle(
        text=sent.text, by=current_office(), place_id=sent.place_id, request_key=sent.request_key
    )
    return jsonify(_list(inspection, trip))


@api.post("/<uuid:inspection_id>/readings")
def inspect(inspection_id: UUID) -> ResponseReturnValue:
    """A reading of each of these people, once however often it is sent."""
    sent = read_sent(InspectIn, "请先勾选要记录的人。")
    passed, refused = actions.inspect(inspection_id=inspection_id, entry_ids=sent.entry_ids, by=current_office())
    return jsonify(passed=passed, refused=refused)


@api.post("/<uuid:inspection_id>/temperatures")
def take_temperature(inspection_id: UUID) -> ResponseReturnValue:
    """A temperature of somebody aboard. The same `request_key` again is the same temperature."""
    sent = read_sent(TemperatureIn, "请填写 34.0 到 43.0 之间的体温。")
    taken, looked = actions.measure_aboard(
        inspection_id=inspection_id,
        entry_id=sent.entry_id,
        temperature=round(sent.temperature * 10),
        request_key=sent.request_key,
        waited=timedelta(0),
        by=current_office(),
    )
    return jsonify(fever=taken.is_fever, colour_name=looked.colour_name, reason=looked.reason)


def _list(inspection: Inspection, trip: Trip) -> dict[str, object]:
    people = queries.list_looked(trip, seen_by=current_office())
    return {
        "id": str(inspection.id),
        "vehicle": trip.vehicle or "未定车牌",
        "mode_name": MODE_NAMES[trip.mode],
        "state_name": TRIP_STATE_NAMES[trip.state],
        "server_time": clock.now().isoformat(),
        "transit": queries.meets_in_transit(trip, seen_by=current_office()),
        "passes": sum(one.outcome is Outcome.PASSES for one in people),
        "refused": sum(one.outcome is not Outcome.PASSES for one in people),
        "colours": {colour: sum(one.colour is colour for one in people) for colour in Colour},
        "people": [_person(one) for one in people],
    }


def _person(one: Looked) -> dict[str, object]:
    return {
        "id": str(one.passenger.entry.id),
        "number": one.passenger.entry.number,
        "seat": one.passenger.seat,
        "outcome": one.outcome,
        "outcome_name": OUTCOME_NAMES[one.outcome],
        "colour": one.colour,
        "colour_name": one.colour_name,
        "reason": one.reason,
        "next_step": one.next_step,
        "first_character": one.first_character,
        "last_four": one.last_four,
    }
