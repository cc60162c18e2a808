"""A vehicle's code as its leader shows it: signed and short-lived as a health code, of a kind of its own. Pure.

The same COSE_Sign1 as `codes.cwt` after the prefix "LHV1:", with another external_aad, so that neither passes for the
other. It names the vehicle and nothing of its people: who is aboard, the server says to an officer who is signed in.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from healthcode.codes import cose, cwt
from healthcode.codes.cose import VEHICLE_PREFIX, FindKey, SigningKey, Unreadable
from healthcode.codes.cwt import CTI, EXP, IAT, ISS
from healthcode.codes.rules import Fault
from healthcode.transfers.rules import TRIP_STATE_NAMES, TripState

LIFE = timedelta(minutes=5)
AAD = b"linghuo.vehicle"
TRIP = -70002
"""The claim that names the vehicle; of the range for private use (RFC 8392, 9.1)."""
ID_BYTES = 16
SHOWN_IN = frozenset({TripState.WAITING, TripState.ON_THE_WAY, TripState.RETURNING})
"""States in which a vehicle has people to be looked at: while they board, and under way."""
LIST_LIFE = timedelta(hours=1)
"""So long after it was opened may an officer write down who of the list was looked at."""
FAULTS = {
    Fault.EMPTY: "没有扫到内容。",
    Fault.CUT: "车辆码不完整，有缺失或改动。",
    Fault.UNKNOWN_KEY: "签发这个车辆码的密钥不认识。",
    Fault.FORGED: "签名不对，这个车辆码可能是伪造的。",
    Fault.RETIRED_KEY: "签发这个车辆码的密钥已经停用。",
}
OTHERWISE = "这不是车辆码。"
AGAIN = "请车长在“我带的车”里重新出示；仍不行就逐人扫健康码。"


@dataclass(frozen=True, slots=True)
class VehicleClaims:
    """What a vehicle's code says. Times are whole seconds."""

    issuer: str
    issued_at: datetime
    expires_at: datetime
    code_id: bytes
    trip_id: UUID


def issue(claims: VehicleClaims, signer: SigningKey) -> str:
    """The text of a code, for a QR in alphanumeric mode."""
    content: dict[int, object] = {
        ISS: claims.issuer,
        EXP: int(claims.expires_at.timestamp()),
        IAT: int(claims.issued_at.timestamp()),
        CTI: claims.code_id,
        TRIP: claims.trip_id.bytes,
    }
    return cose.write(content, signer, prefix=VEHICLE_PREFIX, external=AAD)


def read(text: str, find_key: FindKey) -> VehicleClaims:
    """What a code says, once its signature proves that an issuer said it; whether it is in time is not asked.

    Raises Unreadable with EMPTY, OTHER_SYSTEM, CUT, UNKNOWN_KEY, FORGED or RETIRED_KEY, whatever the text is.
    """
    payload, key = cose.open_signed(text, find_key, prefix=VEHICLE_PREFIX, external=AAD)
    claims = _claims(payload)
    if claims.issuer != key.issuer or not claims.issued_at < claims.expires_at <= claims.issued_at + LIFE:
        raise Unreadable(Fault.FORGED)
    if key.retired_at is not None and claims.issued_at > key.retired_at:
        raise Unreadable(Fault.RETIRED_KEY)
    return claims


def _claims(payload: object) -> VehicleClaims:
    match payload:
        case {1: str(issuer), 4: int(expires), 6: int(issued), 7: bytes(code_id), -70002: bytes(trip)} if (
            len(code_id) == ID_BYTES == len(trip) and 0 <= issued <= expires < cwt.LAST_SECOND
        ):
            begun, ends = datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(expires, UTC)
            return VehicleClaims(issuer, begun, ends, code_id, UUID(bytes=trip))
        case _:
            raise Unreadable(Fault.FORGED)


def sentence(fault: Fault) -> str:
    """What is wrong with a text, and what to do."""
    return FAULTS.get(fault, OTHERWISE) + AGAIN


def why_not_shown(state: TripState) -> str:
    """Why a vehicle in this state has no code; empty where it has one."""
    if state in SHOWN_IN:
        return ""
    return f"这辆车{TRIP_STATE_NAMES[state]}，车辆码已经作废。请逐人扫健康码。"
