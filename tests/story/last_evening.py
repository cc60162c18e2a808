"""`python -m tests.story.last_evening`: a health check as if it were yesterday evening, or this one.

Workers are told nothing at night. A story told at night has the check run as it ran before the night began, so that
what workers are told can be seen at any hour. Run with an instance's environment.
"""

import sys
from datetime import datetime, time, timedelta

from backend.core import clock
from backend.core.clock import Clock
from backend.core.transactions import transaction
from healthcode.checks.actions import run_check
from healthcode.checks.messages import AWAKE
from healthcode.checks.rules import Check
from wsgi import create_app

LAST = time(max(AWAKE), 59)


def main() -> int:
    with create_app().app_context():
        now = clock.local(clock.now())
        evening = datetime.combine(now.date(), LAST, clock.SHANGHAI)
        moment = evening if evening <= now else evening - timedelta(days=1)
        Clock.source = staticmethod(lambda: moment)
        with transaction():
            run_check(check=Check.HEALTH)
    return 0


if __name__ == "__main__":
    sys.exit(main())
