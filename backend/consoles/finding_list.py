"""What the checks found, as a list: over all transfers of an office, or of one."""

from uuid import UUID

from backend.consoles import lists
from backend.consoles.guard import current_office
from backend.core import clock
from healthcode.checks import queries
from healthcode.checks.rules import KIND_NAMES, WORK_NAMES, Check, Kind, Work

CHECK_NAMES = {Check.HEALTH: "健康检查", Check.LOCATION: "位置检查"}


def listed_findings(transfer_id: UUID | None = None) -> dict[str, object]:
    """The values of the template's list: a page of rows, counts by kind, how fresh they are."""
    by = current_office()
    rows = queries.list_findings(
        seen_by=by,
        transfer_id=transfer_id,
        kind=lists.choice_arg("kind", Kind),
        trip_id=lists.key_arg("trip"),
        work=lists.choice_arg("work", Work),
        after=lists.key_arg("after"),
        limit=lists.PAGE,
    )
    return {
        "rows": rows,
        "counts": open_kinds(transfer_id),
        "kind_names": KIND_NAMES,
        "work_names": WORK_NAMES,
        "now": clock.now(),
        "onward": rows[-1].finding.id if len(rows) == lists.PAGE else None,
        "runs": [(CHECK_NAMES[check], run) for check, run in queries.last_runs().items()],
    }


def open_kinds(transfer_id: UUID | None = None) -> dict[Kind, int]:
    """The kinds of which something is open, with how many."""
    counts = queries.count_findings(seen_by=current_office(), transfer_id=transfer_id)
    return {kind: count for kind, count in counts.items() if count}
