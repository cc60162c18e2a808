"""What two deployments say to each other, as JSON."""

import hmac
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.partners.rules import MOST_TRAVELLERS, MessageKind
from healthcode.codes.rules import Colour
from healthcode.transfers.rules import LONGEST_TITLE, Mode

Text = Annotated[str, Field(max_length=200)]
RegionCode = Annotated[str, Field(pattern=r"^\d{6}$", description="GB/T 2260, six digits.")]
Reference = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{32}$",
        description="HMAC-SHA-256 of the ID number under the offer's salt, its first 16 bytes in hexadecimal.",
    ),
]


class Part(BaseModel):
    """Nothing unknown is let in, so that a partner's mistake shows at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Traveller(Part):
    """One worker of a roster: what the transfer needs, without address, skills or household."""

    number: int = Field(ge=0, le=999_999_999)
    name: Text
    resident_id: Text
    phone: Text = ""
    enterprise: Text = ""
    position: Text = ""
    departs_at: AwareDatetime | None = None
    mode: Mode
    vehicle: Text = ""
    seat: Text = ""


class Roster(Part):
    """The plain text of `Offer.sealed`."""

    salt: str = Field(min_length=32, max_length=64, description="Random, base64url; the same for a transfer for ever.")
    travellers: list[Traveller] = Field(min_length=1, max_length=MOST_TRAVELLERS)


class Offer(Part):
    """A transfer with its roster; sent again with a new message id when the roster changed, as a whole each time."""

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    origin_region: RegionCode
    destination_region: RegionCode
    sealed: str = Field(
        description="A `Roster` as JSON, sealed to the recipient's key: HPKE base mode, DHKEM(X25519, HKDF-SHA256),"
        " HKDF-SHA256, AES-256-GCM; `info` is the message's id; base64url of enc and ciphertext."
    )


class Move(Part):
    """agreed, cancelled, enrolling, departing, in_transit, arrived, on_duty, closed; or recalled."""

    to: Text
    note: str = Field(default="", max_length=1000)


class TripMove(Part):
    """A vehicle, named as in the roster: on_the_way, arrived, returning, returned, cancelled."""

    vehicle: Text
    mode: Mode
    departs_at: AwareDatetime | None
    to: Text
    at: AwareDatetime
    place: Text = ""
    note: str = Field(default="", max_length=1000)


class PersonColour(Part):
    person: Reference
    colour: Colour
    until: AwareDatetime | None = None


class Colours(Part):
    """Of the people of a transfer, from the origin; replaces what was told before."""

    as_of: AwareDatetime
    people: list[PersonColour] = Field(max_length=MOST_TRAVELLERS)


class PersonArrival(Part):
    person: Reference
    at: AwareDatetime


class Arrivals(Part):
    """Who arrived and when, from the destination; what was told before may be told again."""

    people: list[PersonArrival] = Field(max_length=MOST_TRAVELLERS)


class Envelope(Part):
    """One message."""

    id: UUID = Field(description="Chosen by the sender; the same message sent again has the same id.")
    kind: MessageKind
    transfer: UUID = Field(description="The origin's id of the transfer.")
    body: dict[str, Any]


BODIES: dict[MessageKind, type[Part]] = {
    MessageKind.OFFER: Offer,
    MessageKind.MOVE: Move,
    MessageKind.TRIP: TripMove,
    MessageKind.COLOURS: Colours,
    MessageKind.ARRIVALS: Arrivals,
}


class Answer(Part):
    """The message was carried out, now or when it first came."""

    id: UUID
    status: str = "accepted"
    unknown: list[Reference] = Field(default=[], description="People of the message who aren't on the roster.")


def reference(salt: str, resident_id: str) -> str:
    """By what both sides call somebody of a transfer's roster."""
    return hmac.digest(salt.encode(), resident_id.encode(), "sha256")[:16].hex()


def latest(moment: datetime, now: datetime, skew: float) -> datetime:
    """A partner's moment, not after now where its clock is ahead by little."""
    return now if 0 < (moment - now).total_seconds() <= skew else moment
