from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from healthcode.codes import cose, cwt
from healthcode.codes.cose import SigningKey, Unreadable, VerifyingKey
from healthcode.codes.rules import Colour, Fault
from healthcode.transfers import vehicle_code
from healthcode.transfers.rules import TripState
from healthcode.transfers.vehicle_code import LIFE, VehicleClaims

NOON = datetime(2026, 3, 22, 4, 0, tzinfo=UTC)
PRIVATE = generate_private_key(SECP256R1())
SIGNER = SigningKey(b"12345678", "520600", PRIVATE)
CLAIMS = VehicleClaims("520600", NOON, NOON + LIFE, bytes(16), UUID(int=7))
TEXT = vehicle_code.issue(CLAIMS, SIGNER)


def find(kid: bytes, *, issuer: str = "520600", retired_at: datetime | None = None) -> VerifyingKey | None:
    return VerifyingKey(kid, issuer, PRIVATE.public_key(), retired_at) if kid == SIGNER.kid else None


def fault_of(text: str) -> Fault:
    with pytest.raises(Unreadable) as unreadable:
        vehicle_code.read(text, find)
    return unreadable.value.fault


def test_a_code_says_which_vehicle_until_when() -> None:
    assert vehicle_code.read(f" {TEXT.lower()}\r\n", find) == CLAIMS
    assert "杨" not in TEXT


def test_it_is_as_short_as_a_health_code() -> None:
    assert len(TEXT) < 230


def test_neither_passes_for_the_other() -> None:
    with pytest.raises(Unreadable) as unreadable:
        cwt.read(TEXT, find)
    assert unreadable.value.fault is Fault.VEHICLE_CODE
    assert fault_of(cose.VEHICLE_PREFIX + health_code().removeprefix(cose.PREFIX)) is Fault.FORGED
    with pytest.raises(Unreadable) as unreadable:
        cwt.read(cose.PREFIX + TEXT.removeprefix(cose.VEHICLE_PREFIX), find)
    assert unreadable.value.fault is Fault.FORGED


def health_code() -> str:
    claims = cwt.Claims("520600", NOON, NOON + LIFE, bytes(16), UUID(int=7), Colour.GREEN, "杨", "8127", None)
    return cwt.issue(claims, SIGNER)


@pytest.mark.parametrize(
    "wrong", [{"expires_at": NOON + LIFE + timedelta(seconds=1)}, {"expires_at": NOON}, {"issuer": "320583"}]
)
def test_one_that_was_signed_otherwise_is_forged(wrong: dict[str, object]) -> None:
    assert fault_of(vehicle_code.issue(replace(CLAIMS, **wrong), SIGNER)) is Fault.FORGED  # type: ignore[arg-type] # of the fields' kinds


def test_other_texts_are_told_apart() -> None:
    assert fault_of("") is Fault.EMPTY
    assert fault_of(health_code()) is Fault.OTHER_SYSTEM
    assert fault_of(TEXT[:-4]) is Fault.CUT
    assert fault_of(vehicle_code.issue(CLAIMS, replace(SIGNER, kid=b"87654321"))) is Fault.UNKNOWN_KEY
    with pytest.raises(Unreadable):
        vehicle_code.read(TEXT, lambda kid: find(kid, retired_at=NOON - timedelta(seconds=1)))


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    for given_text in (text, cose.VEHICLE_PREFIX + text):
        with pytest.raises(Unreadable):
            vehicle_code.read(given_text, find)


def test_only_vehicles_with_people_have_one() -> None:
    shown = {state for state in TripState if not vehicle_code.why_not_shown(state)}
    assert shown == {TripState.WAITING, TripState.ON_THE_WAY, TripState.RETURNING}
