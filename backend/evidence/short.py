"""A proof short enough for a QR code, and as digits.

The digits are the proof's text (C2SP tlog-proof) packed with DEFLATE (RFC 1951), every 12 bytes of it written as 29
decimal digits: a QR code's numeric mode needs 10 bits for 3 digits, so that they cost 8.06 bits a byte, where base64
in its byte mode costs 10.7.
"""

import zlib
from dataclasses import replace
from math import ceil, log10

from backend.evidence.note import Note
from backend.evidence.policy import Policy
from backend.evidence.proof import Proof

BLOCK = 12
DIGITS_A_BYTE = log10(256)


def dump_digits(proof: Proof) -> str:
    """The proof as decimal digits, which a verifier's page reads from behind the # of its address."""
    packer = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(str(proof).encode()) + packer.flush()
    return "".join(_digits(packed[at : at + BLOCK]) for at in range(0, len(packed), BLOCK))


def _digits(block: bytes) -> str:
    return f"{int.from_bytes(block, 'big'):0{ceil(len(block) * DIGITS_A_BYTE)}d}"


def shorten(proof: Proof, policy: Policy) -> Proof:
    """The proof with no more cosignatures than the policy's quorum needs, the log's own signature first."""
    note = proof.checkpoint
    agreement = policy.check(note)
    names = set(agreement.times)
    for each in sorted(names):
        if policy.is_met_by(names - {each}):
            names.discard(each)
    keys = [*policy.logs, *(witness.key for witness in policy.witnesses if witness.name in names)]
    signatures = tuple(signed for key in keys if (signed := note.signed_by(key)))
    return replace(proof, checkpoint=Note(note.text, signatures))
