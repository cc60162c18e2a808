"""Signatures of requests, against the standard's own example and against whoever changes something."""

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from backend.partners import keys, signatures
from backend.partners.signatures import COVERED, Message, Unfit
from tests.conftest import NOON

BODY = b'{"id": 1}'
KEY = keys.signing_key("some secret")


def message(**changes: str) -> Message:
    headers = {
        "content-type": "application/json",
        "content-digest": signatures.content_digest(BODY),
        "authorization": "Bearer abc",
    }
    given = {"method": "POST", "authority": "a.example", "path": "/partners/v1/messages"}
    given |= {name: value for name, value in changes.items() if name in given}
    return Message(**given, headers=headers | {n: v for n, v in changes.items() if n not in given})


def signed(**changes: str) -> dict[str, str]:
    created = int(NOON.timestamp())
    made = signatures.sign(
        message(**changes), KEY, key_id="k", created=created, expires=created + 120, nonce="0123456789abcdef"
    )
    return {name.lower(): value for name, value in made.items()}


def test_the_standards_example_verifies():
    """RFC 9421, B.2.6."""
    der = base64.b64decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
    covered = ("date", "@method", "@path", "@authority", "content-type", "content-length")
    parameters = (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    headers = {"date": "Tue, 20 Apr 2021 02:07:55 GMT", "content-type": "application/json", "content-length": "18"}
    value = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    base = signatures.signature_base(Message("POST", "example.com", "/foo", headers), covered, parameters)

    load_der_public_key(der).verify(base64.b64decode(value), base)


def test_what_was_signed_is_read_and_verified():
    read = signatures.read(signed())

    signatures.check_window(read, NOON)
    signatures.verify(read, message(), KEY.public_key())
    signatures.check_digest(message().headers["content-digest"], BODY)
    assert (read.covered, read.nonce, read.key_id) == (COVERED, "0123456789abcdef", "k")


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"authority": "b.example"},
        {"path": "/partners/v1/token"},
        {"authorization": "Bearer another"},
        {"content-type": "text/plain"},
        {"content-digest": signatures.content_digest(b"other")},
    ],
)
def test_nothing_that_is_covered_can_be_changed(change):
    with pytest.raises(Unfit, match="forged"):
        signatures.verify(signatures.read(signed()), message(**change), KEY.public_key())


def test_another_key_signs_in_vain():
    with pytest.raises(Unfit, match="forged"):
        signatures.verify(signatures.read(signed()), message(), keys.signing_key("another").public_key())


def test_another_body_doesn_t_fit_the_digest():
    with pytest.raises(Unfit, match="digest"):
        signatures.check_digest(message().headers["content-digest"], BODY + b" ")


@pytest.mark.parametrize(("ahead", "code"), [(timedelta(seconds=-90), "clock"), (timedelta(seconds=200), "expired")])
def test_a_wrong_clock_is_told_as_such(ahead, code):
    with pytest.raises(Unfit) as unfit:
        signatures.check_window(signatures.read(signed()), NOON + ahead)
    assert unfit.value.code == code


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"signature": "linghuo=:AAAA:"},
        {**signed(), "signature": "other=:AAAA:"},
        {**signed(), "signature": "linghuo=:not base64:"},
        {**signed(), "signature-input": signed()["signature-input"].replace('"content-digest" ', "")},
        {**signed(), "signature-input": signed()["signature-input"].replace("ed25519", "hmac-sha256")},
        {**signed(), "signature-input": signed()["signature-input"].replace(';nonce="0123456789abcdef"', "")},
        {**signed(), "signature-input": f"{signed()['signature-input']}, {signed()['signature-input']}"},
    ],
)
def test_a_signature_of_another_form_is_none(headers):
    with pytest.raises(Unfit, match="unsigned"):
        signatures.read(headers)


def test_a_roster_opens_for_its_recipient_and_message_alone():
    sealed = keys.seal(b"names", keys.public_text(keys.sealing_key("kunshan")), "message 1")

    assert keys.unseal(sealed, "kunshan", "message 1") == b"names"
    for secret, info in (("tongren", "message 1"), ("kunshan", "message 2")):
        with pytest.raises(ValueError, match="not sealed"):
            keys.unseal(sealed, secret, info)
