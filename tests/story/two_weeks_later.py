"""`python -m tests.story.two_weeks_later`: today's places and scans as if they were fifteen days old, then the erasure.

Run with an instance's environment. The database drops no day that its own clock still keeps, so the rows are moved and
the clock isn't; only the owner's role can do that.
"""

import os
import sys
from datetime import timedelta

import psycopg

from backend.core import clock, partitions
from backend.core.transactions import transaction
from backend.privacy.tasks import erase
from wsgi import create_app

AGE = timedelta(days=15)
MOVES = {
    "itinerary.sighting": "day = day - 15, at = at - interval '15 days'",
    "itinerary.stay": "day = day - 15, since = since - interval '15 days', until = until - interval '15 days'",
}


def main() -> int:
    with create_app().app_context():
        days = [clock.today() - AGE - timedelta(days=back) for back in (0, 1)]
        with transaction():
            for table in MOVES:
                partitions.make_partitions_of(table, days)
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"].replace("+psycopg", "")) as owner:
            for table, change in MOVES.items():
                owner.execute(f"UPDATE {table} SET {change}")
        erase()
    return 0


if __name__ == "__main__":
    sys.exit(main())
