"""Confirmed cases of Chinese cities by day, 2020-01-16 to 2020-06-30.

`data/cases_2020.csv` holds the days on which a city's cumulative count changed. Compiled from the data files of
github.com/canghailan/Wuhan-2019-nCoV (MIT licence, (c) 2020 胡昊). Provinces' own totals are left out, and cases that
were found at the border, which belong to no city.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from importlib.resources import files

Counts = dict[str, dict[date, int]]


def cases_of_2020() -> Counts:
    """Region code to day to cumulative count."""
    return read_cases((files("healthcode.itinerary") / "data" / "cases_2020.csv").read_text("utf-8").splitlines())


def read_cases(lines: Iterable[str]) -> Counts:
    """The same from lines of CSV with the columns region_code, date, confirmed."""
    counts: Counts = defaultdict(dict)
    for row in csv.DictReader(lines):
        counts[row["region_code"]][date.fromisoformat(row["date"])] = int(row["confirmed"])
    return dict(counts)
