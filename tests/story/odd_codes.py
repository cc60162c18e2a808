"""`python -m tests.story.odd_codes TEXT`: what no phone shows: the code when old, ahead of time, of a stranger's key.

Run with an instance's environment; prints one code a line.
"""

import secrets
import sys
from dataclasses import replace
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from backend.core import clock
from healthcode.codes import cwt, keys, pseudonyms
from healthcode.codes.cose import SigningKey
from healthcode.codes.cwt import CODE_ID_BYTES, Claims
from healthcode.codes.rules import slot_of
from wsgi import create_app


def main(text: str) -> int:
    with create_app().app_context():
        claims = cwt.read(text, keys.find_verifier)
        signer = keys.keychain().signer(claims.issuer, clock.now())
        old, ahead = _moved(claims, -timedelta(minutes=9)), _moved(claims, timedelta(minutes=6))
    assert signer is not None
    stranger = SigningKey(secrets.token_bytes(len(signer.kid)), signer.issuer, ec.generate_private_key(ec.SECP256R1()))
    codes = cwt.issue(old, signer), cwt.issue(ahead, signer), cwt.issue(claims, stranger)
    print("\n".join(codes))  # noqa: T201 - the codes are what this program is for
    return 0


def _moved(claims: Claims, by: timedelta) -> Claims:
    issued_at = clock.now().replace(microsecond=0) + by
    ended = issued_at + (claims.expires_at - claims.issued_at)
    subject = pseudonyms.subject_now(pseudonyms.person_of(claims), slot_of(issued_at))
    code_id = secrets.token_bytes(CODE_ID_BYTES)
    return replace(claims, issued_at=issued_at, expires_at=ended, code_id=code_id, subject=subject)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
