"""The start page of each role: exceptions before totals."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import queries as accounts
from backend.accounts.rules import Role
from backend.consoles.evidence import render_overview
from backend.consoles.finding_list import open_kinds
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import naming
from backend.consoles.vehicle_lines import vehicle_lines
from healthcode.checks import queries as checks
from healthcode.checks.rules import KIND_NAMES, Work
from healthcode.codes import queries as codes
from healthcode.codes.appeal_rules import AppealState
from healthcode.codes.fact_rules import CertificateState, ResultListState
from healthcode.codes.rules import DecisionState
from healthcode.transfers import queries
from healthcode.transfers.rules import TRIP_STATE_NAMES, State

blueprint = pages("home", __name__, *(set(Role) - {Role.HELPER}), path="")

MOST_SHOWN = 20


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """What waits for this operator."""
    match current_office().role:
        case Role.OFFICER | Role.HELPER:
            return redirect("/checkpoint/")
        case Role.ADMINISTRATOR:
            return render_template("console/home_platform.html")
        case Role.EMPLOYER:
            return redirect(url_for("workforce.index"))
        case Role.SUPERVISOR:
            return render_overview()
        case Role.OFFICIAL:
            return _official()


def _official() -> str:
    lines, more_lines = vehicle_lines()
    return render_template(
        "console/home.html",
        waiting=_waiting(),
        findings=open_kinds(),
        kind_names=KIND_NAMES,
        lines=lines,
        more_lines=more_lines,
        transfers=queries.list_transfers(seen_by=current_office(), running=True, limit=MOST_SHOWN),
        most=MOST_SHOWN,
        trip_state_names=TRIP_STATE_NAMES,
        **naming(),
    )


def _waiting() -> list[tuple[str, int, str]]:
    """(address, how many, what) for each kind of thing that waits for a decision of this office."""
    by = current_office()
    imports = queries.list_waiting_imports(seen_by=by)
    _, overdue = checks.count_mine(seen_by=by)
    papers = codes.count_certificates(seen_by=by)[CertificateState.WAITING]
    results = url_for("results.index", state=ResultListState.WAITING)
    proposed = url_for("decisions.index", state=DecisionState.PROPOSED)
    found = [
        (url_for("claims.index"), accounts.count_claims(by), "身份等待核实"),
        (proposed, codes.count_proposed(seen_by=by), "赋码决定等待批准"),
        (url_for("appeals.index", state=AppealState.OPEN), codes.count_open_appeals(seen_by=by), "健康码申诉等待答复"),
        (results, codes.count_waiting_lists(seen_by=by), "检测名单等待复核"),
        (url_for("certificates.index"), papers, "健康证明等待核对"),
        (url_for("findings.index", work=Work.MINE), overdue, "您负责的情况已超时"),
        (url_for("transfers.index", state=State.OFFERED), queries.count_offered(seen_by=by), "输送等待您确认接收"),
        *((url_for("imports.show", import_id=job.id), 1, f"导入等待确认：{job.file_name}") for job in imports),
    ]
    return [(url, count, label) for url, count, label in found if count]
