"""The code's text: what it is made of, what another implementation makes of it, and what adversaries make."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import base45
import cbor2
import cwt as other
import pytest
import qrcode
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_M

from healthcode.codes import cose, cwt
from healthcode.codes.cose import SigningKey, Unreadable, VerifyingKey
from healthcode.codes.cwt import Claims
from healthcode.codes.rules import Colour, Fault

NOW = datetime(2026, 3, 22, 4, 0, tzinfo=UTC)
PRIVATE = generate_private_key(SECP256R1())
SIGNER = SigningKey(b"8 bytes!", "520600", PRIVATE)
CLAIMS = Claims(
    issuer="520600",
    issued_at=NOW,
    expires_at=NOW + timedelta(minutes=5),
    code_id=bytes(range(16)),
    subject=bytes(range(16, 32)),
    colour=Colour.GREEN,
    first_character="杨",
    last_four="123X",
    until=NOW + timedelta(hours=20),
)


def knows(signer: SigningKey = SIGNER, retired_at: datetime | None = None) -> Callable[[bytes], VerifyingKey | None]:
    key = VerifyingKey(signer.kid, signer.issuer, signer.key.public_key(), retired_at)
    return lambda kid: key if kid == signer.kid else None


def fault_of(text: str, find_key: Callable[[bytes], VerifyingKey | None] | None = None) -> Fault:
    with pytest.raises(Unreadable) as unreadable:
        cwt.read(text, find_key or knows())
    return unreadable.value.fault


def message_of(text: str) -> bytes:
    message: bytes = base45.b45decode(text.removeprefix(cose.PREFIX))
    return message


def text_of(message: object) -> str:
    return cose.PREFIX + base45.b45encode(cbor2.dumps(message)).decode()


def test_a_code_says_what_it_was_given() -> None:
    assert cwt.read(cwt.issue(CLAIMS, SIGNER), knows()) == CLAIMS
    without_end = replace(CLAIMS, until=None, colour=Colour.GREY)
    assert cwt.read(cwt.issue(without_end, SIGNER), knows()) == without_end


def test_a_code_fits_a_small_qr() -> None:
    """Version 9 is 53 modules wide: 4.5 screen points a module at 240."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data(cwt.issue(CLAIMS, SIGNER))
    code.make()
    assert code.version <= 9


def test_the_plain_cwt_library_reads_ours() -> None:
    pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = other.COSEKey.from_pem(pem, kid=SIGNER.kid)
    claims = replace(CLAIMS, issued_at=datetime.now(UTC), expires_at=datetime.now(UTC) + timedelta(minutes=5))
    decoded: Any = other.decode(message_of(cwt.issue(claims, SIGNER)), keys=key)
    assert (decoded[1], decoded[7]) == ("520600", CLAIMS.code_id)
    assert decoded[4] == int(claims.expires_at.timestamp())


def test_we_read_those_of_the_plain_cwt_library() -> None:
    pem = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = other.COSEKey.from_pem(pem, kid=SIGNER.kid, alg="ES256")
    content = [CLAIMS.subject, 1, "杨", "123X", int(NOW.timestamp()) + 72000]
    payload = {1: "520600", 4: int(NOW.timestamp()) + 300, 6: int(NOW.timestamp()), 7: CLAIMS.code_id, -70001: content}
    ctx = other.COSE.new(alg_auto_inclusion=True)
    message = ctx.encode_and_sign(cbor2.dumps(payload), key, protected={4: SIGNER.kid})
    assert cwt.read(cose.PREFIX + base45.b45encode(message).decode(), knows()) == CLAIMS


@pytest.mark.parametrize(
    "typed", [str.lower, lambda t: f"  {t}\r\n", lambda t: "".join(chr(ord(c) + 0xFEE0) if c > " " else c for c in t)]
)
def test_hand_scanners_may_be_sloppy(typed: Callable[[str], str]) -> None:
    assert cwt.read(typed(cwt.issue(CLAIMS, SIGNER)), knows()) == CLAIMS


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.EMPTY),
        (" \n ", Fault.EMPTY),
        ("https://example.org/p/AAAAAAAAAAAAAAAAAAAAAA", Fault.PLACE_CODE),
        ("https://weixin.qq.com/r/abc", Fault.OTHER_SYSTEM),
        ("HC1:6BFOXN%TSMAHN-H", Fault.OTHER_SYSTEM),
        ("LHT1:6BFOXN", Fault.OTHER_SYSTEM),
        ("520602199001011234", Fault.OTHER_SYSTEM),
        ("LH1:", Fault.CUT),
        ("LH1:不是码", Fault.CUT),
        ("LH1:::::", Fault.CUT),
    ],
)
def test_other_texts_are_told_apart(text: str, fault: Fault) -> None:
    assert fault_of(text) is fault


@pytest.mark.parametrize("kept", [10, 50, 120, 200, 243])
def test_a_cut_code_is_cut(kept: int) -> None:
    assert fault_of(cwt.issue(CLAIMS, SIGNER)[:kept]) is Fault.CUT


def test_bytes_behind_the_code_are_a_fault() -> None:
    assert fault_of(cose.PREFIX + base45.b45encode(message_of(cwt.issue(CLAIMS, SIGNER)) + b"\0").decode()) is Fault.CUT


def test_a_key_that_nobody_knows_is_named_so() -> None:
    assert fault_of(cwt.issue(CLAIMS, replace(SIGNER, kid=b"another!"))) is Fault.UNKNOWN_KEY


def test_a_key_id_borrowed_for_another_key_is_a_forgery() -> None:
    stranger = SigningKey(SIGNER.kid, SIGNER.issuer, generate_private_key(SECP256R1()))
    assert fault_of(cwt.issue(CLAIMS, stranger)) is Fault.FORGED


def test_a_changed_payload_is_a_forgery() -> None:
    cose = cbor2.loads(message_of(cwt.issue(replace(CLAIMS, colour=Colour.RED), SIGNER))).value
    payload = cbor2.loads(cose[2])
    payload[-70001][1] = 1
    assert fault_of(text_of([cose[0], cose[1], cbor2.dumps(payload), cose[3]])) is Fault.FORGED


@pytest.mark.parametrize("algorithm", [-35, -8, 5, None, "ES256"])
def test_another_algorithm_is_a_forgery(algorithm: object) -> None:
    cose = cbor2.loads(message_of(cwt.issue(CLAIMS, SIGNER))).value
    header = cbor2.dumps({1: algorithm, 4: SIGNER.kid})
    assert fault_of(text_of([header, {}, cose[2], cose[3]])) is Fault.FORGED


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\xff" * 64, b"\1" * 63, b"\1" * 96])
def test_an_empty_or_odd_signature_never_verifies(signature: bytes) -> None:
    """Zero for r and s was accepted by a well-known implementation once (CVE-2022-21449)."""
    cose = cbor2.loads(message_of(cwt.issue(CLAIMS, SIGNER))).value
    assert fault_of(text_of([cose[0], {}, cose[2], signature])) in {Fault.FORGED, Fault.CUT}


def test_a_region_that_is_not_the_keys_is_a_forgery() -> None:
    assert fault_of(cwt.issue(replace(CLAIMS, issuer="320583"), SIGNER)) is Fault.FORGED


@pytest.mark.parametrize("life", [timedelta(minutes=5, seconds=1), timedelta(0), timedelta(minutes=-1)])
def test_a_life_other_than_five_minutes_is_a_forgery(life: timedelta) -> None:
    assert fault_of(cwt.issue(replace(CLAIMS, expires_at=NOW + life), SIGNER)) is Fault.FORGED


def test_a_retired_key_reads_what_it_signed_before_and_nothing_after() -> None:
    text = cwt.issue(CLAIMS, SIGNER)
    assert cwt.read(text, knows(retired_at=NOW)) == CLAIMS
    assert fault_of(text, knows(retired_at=NOW - timedelta(seconds=1))) is Fault.RETIRED_KEY


def test_signed_time_does_not_pass_for_a_code() -> None:
    text = cwt.issue_time(b"nonce", NOW, SIGNER)
    assert fault_of(text) is Fault.OTHER_SYSTEM
    assert fault_of(text.replace(cwt.TIME_PREFIX, cose.PREFIX)) is Fault.FORGED


def test_a_well_signed_payload_of_another_shape_is_a_forgery() -> None:
    for payload in (b"", b"\xf6", cbor2.dumps({1: "520600"}), cbor2.dumps([1]), cbor2.dumps({1: 1, 4: "x"})):
        signed = cose.PREFIX + base45.b45encode(cose.sign(payload, SIGNER, b"")).decode()
        assert fault_of(signed) in {Fault.FORGED, Fault.CUT}


@given(st.binary(max_size=300))
def test_no_bytes_bring_the_reader_down(message: bytes) -> None:
    fault_of(cose.PREFIX + base45.b45encode(message).decode())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_no_cbor_brings_the_reader_down(value: object) -> None:
    header = cbor2.dumps({1: -7, 4: SIGNER.kid})
    fault_of(text_of(value))
    fault_of(text_of([header, {}, cbor2.dumps(value), b"\1" * 64]))
