"""`flask risk`: the risk levels of regions."""

from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from backend.core import clock
from backend.core.transactions import transaction
from backend.regions import names
from healthcode.itinerary import actions, queries
from healthcode.itinerary.cases import cases_of_2020, read_cases
from healthcode.itinerary.risk import CLUSTER, LEVEL_NAMES

risk = AppGroup("risk", help="Risk levels of regions, by day.")
DAY = click.DateTime(["%Y-%m-%d"])
CASES = click.Path(exists=True, dir_okay=False, path_type=Path)


@risk.command("compute")
@click.option("--cases", type=CASES, help="CSV: region_code,date,confirmed")
@click.option("--day", type=DAY, help="Count up to this day; today by default.")
@click.option("--as-of", type=DAY, help="Lay that day on this one; the demo lays 2020-03-22 on today.")
@click.option("--cluster", type=click.IntRange(min=2), default=CLUSTER, show_default=True, help="New cases of 14 days.")
def compute(cases: Path | None, day: datetime | None, as_of: datetime | None, cluster: int) -> None:
    """Compute the levels from case counts: a file's, or those of 2020 that come with the product."""
    counts = read_cases(cases.read_text("utf-8-sig").splitlines()) if cases else cases_of_2020()
    upto = _day(day)
    with transaction():
        made = actions.compute_risk(counts=counts, day=upto, as_of=_day(as_of) if as_of else upto, cluster=cluster)
        click.echo(f"{made.title}: {made.taken} regions")


@risk.command("show")
@click.argument("region_code")
@click.option("--day", type=DAY, help="Today by default.")
def show(region_code: str, day: datetime | None) -> None:
    """Say the level of a region on a day."""
    level = queries.level_of(region_code, _day(day))
    click.echo(f"{names.full_name(region_code)} {LEVEL_NAMES[level]}")


def _day(given: datetime | None) -> date:
    return given.date() if given else clock.today()
