"""Writes: declaring, showing, reading and expiring; the keys that sign."""

from healthcode.codes.actions.declaring import declare, expire_statuses
from healthcode.codes.actions.issuer_keys import ensure_issuer_key, rotate_issuer_key
from healthcode.codes.actions.reading import read_code
from healthcode.codes.actions.showing import Code, issue_code, sign_time
from healthcode.codes.outcomes import ReadResult

__all__ = [
    "Code",
    "ReadResult",
    "declare",
    "ensure_issuer_key",
    "expire_statuses",
    "issue_code",
    "read_code",
    "rotate_issuer_key",
    "sign_time",
]
