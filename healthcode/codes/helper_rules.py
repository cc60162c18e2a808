"""Temporary officers (临时查验员): for one shift at one place, on one phone. Pure.

Whoever stands at the checkpoint knows who helps there, so an officer on shift invites, and answers for it: the helper's
time is the officer's own shift, never longer, and ends with it. An official of the government isn't there and invites
nobody.
"""

from datetime import datetime, timedelta

LINK_LIFE = timedelta(minutes=10)
"""How long a QR waits for the one phone that joins by it."""
MOST_HELPERS = 10
"""At a time, of one shift."""
MOST_CODES = 5
"""SMS that one QR may cause."""
TOKEN_BYTES = 24
NAME = range(2, 31)
POINT_BYTES = 65
"""An uncompressed point of P-256 (SEC 1, 2.3.3)."""
HELPER = "临时查验员"


def opens(*, invited_at: datetime, until: datetime) -> datetime:
    """Until when a QR can be used: ten minutes, and not after the shift."""
    return min(invited_at + LINK_LIFE, until)
