"""What was erased each day because its time was over, and whether the reports still say what was recorded."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.privacy import queries
from backend.privacy.rules import WAY_NAMES, period

blueprint = pages("erasures", __name__, Role.ADMINISTRATOR, Role.SUPERVISOR, Role.OFFICIAL, path="/erasures")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The reports, newest first, and what is kept for how long."""
    rows = queries.list_reports(seen_by=current_office(), before=lists.key_arg("after"))
    return render_template(
        "console/erasures.html",
        rows=rows,
        onward=rows[-1].id if len(rows) == queries.PAGE else None,
        kinds=queries.list_kinds(),
        way_names=WAY_NAMES,
        period=period,
    )


@blueprint.get("/<uuid:report_id>")
def show(report_id: UUID) -> ResponseReturnValue:
    """One report line by line, compared with the evidence log."""
    judged = queries.judge_report(report_id, seen_by=current_office())
    titles = {kind.name: kind.title for kind in queries.list_kinds()}
    return render_template("console/erasure.html", judged=judged, report=judged.report, titles=titles)
