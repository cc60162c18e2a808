"""The risk of regions: computed from case counts, or imported from an authority's list by two people."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

from sqlalchemy import insert, text

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.cells import read_cells
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Forbidden
from backend.regions import names
from healthcode.itinerary import queries, risk, risk_rows
from healthcode.itinerary.cases import Counts
from healthcode.itinerary.models import RegionRisk, RiskList
from healthcode.itinerary.risk import CLUSTER, ListState, Period, RiskSource
from healthcode.itinerary.risk_rows import RiskRow

LOOK_BACK = timedelta(days=28)
"""A stay of 14 days ago is judged by the counts of the 14 days before it."""

# A newer list takes the place of older ones from its first day on, and only of its own source: a computed level never
# stands above an official one.
SUPERSEDE = text("""
WITH given AS (
    SELECT * FROM unnest(CAST(:regions AS text[]), CAST(:firsts AS date[])) AS g (region_code, since)
), gone AS (
    DELETE FROM itinerary.region_risk r USING given g
    WHERE r.source = :source AND r.region_code = g.region_code AND r.since >= g.since
)
UPDATE itinerary.region_risk r SET until = g.since - 1
FROM given g
WHERE r.source = :source AND r.region_code = g.region_code AND r.since < g.since
  AND (r.until IS NULL OR r.until >= g.since)
""")


def compute_risk(*, counts: Counts, day: date, as_of: date, cluster: int = CLUSTER) -> RiskList:
    """Take the levels of all counted regions from their case counts, up to `day`, which is laid on `as_of`.

    Normally both are today; the demo lays a day of 2020 on today. `cluster` is how many new cases of 14 days are taken
    for a cluster. Computing again replaces what was computed for the same days.
    """
    moved = as_of - day
    made = _make_list(
        RiskSource.COMPUTED, title=f"按 {day:%Y-%m-%d} 的病例数计算", state=ListState.IN_FORCE, decided_at=clock.now()
    )
    found = [
        (code, period)
        for code, by_day in counts.items()
        if names.find(code) is not None
        for period in risk.periods(
            {one + moved: count for one, count in by_day.items() if one <= day},
            as_of - LOOK_BACK,
            as_of,
            cluster=cluster,
        )
    ]
    made.taken = len({code for code, _ in found})
    _write(made, found)
    return made


def propose_risk_list(*, content: bytes, file_name: str, by: Acting) -> RiskList:
    """Take in an authority's list; it changes nothing until a second person puts it into force.

    Rows that can't be taken come back with the reason. Refuses: Invalid for a file that is no such list.
    """
    cells = read_cells(content, file_name, called="风险地区名单", code="itinerary.risk")
    sheet = risk_rows.read_rows(cells, clock.today())
    return _make_list(
        RiskSource.OFFICIAL,
        title=PurePath(file_name).name[:100],
        state=ListState.WAITING,
        rows=[row.to_json() for row in sheet.rows],
        faults=[fault.to_json() for fault in sheet.faults],
        headings=list(sheet.headings),
        taken=len(sheet.rows),
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
    )


def _make_list(source: RiskSource, **values: Any) -> RiskList:  # noqa: ANN401 - the table's own columns
    made = RiskList(
        **{"rows": [], "faults": [], "headings": [], "taken": 0, "source": source, "created_at": clock.now()} | values
    )
    db.session.add(made)
    db.session.flush()
    return made


def confirm_risk_list(*, risk_list: RiskList, by: Acting) -> None:
    """Put a list into force, from each row's first day on.

    Refuses: Forbidden to the person who brought it; Conflict when it was decided already or has no good row.
    """
    held = _waiting(risk_list)
    if held.operator_id == by.operator_id:
        raise Forbidden("itinerary.risk.same_person", "上传的人不能自己复核，请另一位经办人来复核生效。")
    rows = [RiskRow.from_json(value) for value in held.rows]
    if not rows:
        raise Conflict("itinerary.risk.nothing", "这份名单没有一行能用，请改好后重新上传。")
    held.state, held.decided_by, held.decided_at = ListState.IN_FORCE, by.operator_id, clock.now()
    _write(held, [(row.region_code, Period(row.level, row.since, row.until)) for row in rows])


def discard_risk_list(*, risk_list: RiskList, by: Acting) -> None:
    """Throw a waiting list away. Refuses: Conflict when it was decided already."""
    held = _waiting(risk_list)
    held.state, held.decided_by, held.decided_at = ListState.DISCARDED, by.operator_id, clock.now()


def _waiting(risk_list: RiskList) -> RiskList:
    held = queries.lock_risk_list(risk_list.id)
    if held.state is not ListState.WAITING:
        raise Conflict("itinerary.risk.decided", "这份名单已经处理过了，请刷新页面。")
    return held


def _write(made: RiskList, found: Iterable[tuple[str, Period]]) -> None:
    periods = list(found)
    firsts: dict[str, date] = {}
    for code, period in periods:
        firsts[code] = min(period.since, firsts.get(code, period.since))
    given = {"regions": list(firsts), "firsts": list(firsts.values()), "source": made.source.value}
    db.session.execute(SUPERSEDE, given)
    rows = [
        {
            "id": new_key(),
            "list_id": made.id,
            "region_code": code,
            "source": made.source,
            "level": period.level,
            "since": period.since,
            "until": period.until,
            "confirmed": period.confirmed,
            "fresh": period.fresh,
        }
        for code, period in periods
    ]
    if rows:
        db.session.execute(insert(RegionRisk), rows)
