"""Proofs that fit a QR code."""

import zlib
from dataclasses import replace
from math import log10
from pathlib import Path
from uuid import UUID

import pytest
import qrcode

from backend.evidence import short
from backend.evidence.commitment import Opening
from backend.evidence.policy import Policy
from backend.evidence.proof import Proof
from tests.factories.logs import Log, numbered

WITNESSES = ("market-supervision", "tax", "bank", "insurer")
RULE = "group others 2 tax bank insurer\ngroup quorum all market-supervision others\nquorum quorum\n"
BILLION = 30
"""Hashes of a path in a log of a billion."""


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path, WITNESSES)


@pytest.fixture
def policy(log: Log) -> Policy:
    keys = [line for line in log.policy_text.splitlines(keepends=True) if line.startswith(("log ", "witness "))]
    return Policy.parse("".join(keys) + RULE)


@pytest.fixture
def proof(log: Log) -> Proof:
    opening = Opening.of(UUID(int=1), "codes.colour", {"after": "red", "rules": ["declared.contact"]})
    log.grow([*numbered(5), opening.commitment])
    return log.prove(5, opening)


def read(digits: str) -> str:
    """The text by the rule that the digits are written by: each 29 are 12 bytes, the last ones what they hold."""
    groups = [digits[at : at + 29] for at in range(0, len(digits), 29)]
    sizes = [12 if len(group) == 29 else int(len(group) / log10(256)) for group in groups]
    packed = b"".join(int(group).to_bytes(size, "big") for group, size in zip(groups, sizes, strict=True))
    return zlib.decompress(packed, -zlib.MAX_WBITS).decode()


def test_digits_say_the_proof_whatever_its_length(proof):
    for more in range(40):
        long = replace(proof, path=(*proof.path, *(bytes([n]) * 32 for n in range(more))))
        assert read(short.dump_digits(long)) == str(long)


def test_no_more_cosignatures_than_the_quorum_needs(proof, policy):
    few = short.shorten(proof, policy)

    assert few.check(policy).witnessed
    assert len(few.checkpoint.signatures) == 1 + 3
    for name in few.check(policy).times:
        assert not policy.is_met_by(few.check(policy).times.keys() - {name})


def test_a_log_of_a_billion_fits_a_code(proof, policy):
    few = short.shorten(proof, policy)
    path = tuple(bytes(range(n, n + 32)) for n in range(BILLION))
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L)
    code.add_data("https://evidence.example.gov.cn/verify/#" + short.dump_digits(replace(few, path=path)))
    code.make()

    assert code.version <= 32
