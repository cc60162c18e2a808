import hashlib
import hmac
import json
import struct
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from backend.evidence.commitment import Opening
from backend.evidence.proof import load_json

ID = UUID("01915a4e-7a5b-7c3d-8e9f-001122334455")
SALT = bytes(range(32))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - 2**53, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_a_commitment_is_the_hmac_of_domain_kind_id_and_canonical_json():
    opening = Opening.of(ID, "codes.colour", {"to": "绿", "from": "red"}, SALT)
    message = b"linghuo.evidence/1\0codes.colour\0" + ID.bytes + '{"from":"red","to":"绿"}'.encode()
    assert opening.commitment == hmac.new(SALT, message, hashlib.sha256).digest()
    assert opening.commitment.hex() == "a358e4d3b70ad71afd9ced958c7ad931bd8ce31fd20e208223d35edb5787a687"


def test_two_commitments_to_the_same_have_nothing_in_common():
    one, other = (Opening.of(ID, "codes.colour", {}) for _ in range(2))
    assert one.salt != other.salt
    assert one.commitment != other.commitment
    assert len(one.salt) == len(one.commitment) == 32


@pytest.mark.parametrize(
    "other",
    [
        Opening.of(ID, "codes.colours", {"a": 1}, SALT),
        Opening.of(UUID(int=ID.int + 1), "codes.colour", {"a": 1}, SALT),
        Opening.of(ID, "codes.colour", {"a": 2}, SALT),
        Opening.of(ID, "codes.colour", {"a": "1"}, SALT),
        Opening.of(ID, "codes.colour", {"a": True}, SALT),
        Opening.of(ID, "codes.colour", {"a": 1}, SALT[::-1]),
    ],
)
def test_a_commitment_binds_kind_id_content_and_salt(other):
    assert other.commitment != Opening.of(ID, "codes.colour", {"a": 1}, SALT).commitment


def test_a_representation_shows_nothing():
    assert repr(Opening.of(ID, "codes.colour", {"name": "杨秀英"}, SALT)) == "Opening(codes.colour)"


@pytest.mark.parametrize(
    "kind", ["", "codes", "codes.", ".colour", "Codes.colour", "codes.colour\n", "codes\0.colour", "码.色"]
)
def test_a_kind_is_a_dotted_name(kind):
    with pytest.raises(ValueError, match="not a kind"):
        Opening.of(ID, kind, {})


@pytest.mark.parametrize("salt", [b"", b"short", bytes(33)])
def test_a_salt_has_32_bytes(salt):
    with pytest.raises(ValueError, match="not a salt"):
        Opening.of(ID, "codes.colour", {}, salt)


@pytest.mark.parametrize("depth", [98, 99, 100, 1000])
def test_what_is_recorded_nests_100_deep_at_most(depth):
    """The brackets in texts don't count."""
    content = {"a": nested(depth), "b": "[" * 500, "c": [[]] * 200}
    if depth < 100:
        assert json.loads(Opening.of(ID, "codes.colour", content, SALT).canonical) == content
    else:
        with pytest.raises(ValueError, match="deep"):
            Opening.of(ID, "codes.colour", content, SALT)


def nested(depth: int) -> object:
    content: object = 1
    for _ in range(depth):
        content = [content]
    return content


@pytest.mark.parametrize(
    "content",
    [float("nan"), float("inf"), 2**53, -(2**53), "\ud800", {"\ud800": 1}, {1: 2}, {1, 2}, b"bytes", nested(100_000)],
)
def test_what_json_cant_say_is_refused(content):
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        Opening.of(ID, "codes.colour", {"a": content})


@given(JSON)
def test_canonical_json_says_what_was_meant(content):
    canonical = Opening.of(ID, "codes.colour", content, SALT).canonical
    assert load_json(canonical.decode()) == content


# RFC 8785, 3.2.2 to 3.2.4, and appendix B.

SAMPLE = r"""{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}"""
SAMPLE_HEX = """
7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72 73 22 3a
5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31 65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d 32 37
5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30 30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d
"""


def test_the_sample_of_the_rfc_is_canonicalised():
    assert rfc8785.dumps(json.loads(SAMPLE)) == bytes.fromhex(SAMPLE_HEX)


def test_keys_sort_by_their_utf16_code_units():
    sample = json.loads(
        r'{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", '
        r'"\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}'
    )
    values = list(json.loads(rfc8785.dumps(sample)).values())
    assert values == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"),
        ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_the_rfc_says(bits, text):
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert rfc8785.dumps(number).decode() == text
