"""The evidence log as its watchers see it: how it stands, its checkpoints, its entries."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.evidence_frame import path_of, worded
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, NotFound
from backend.core.requests import extra
from backend.evidence import overview, publishing, queries, words
from backend.evidence.audit import queries as audits
from backend.evidence.models import Checkpoint
from backend.evidence.rules import AlarmCause

blueprint = worded(pages("evidence", __name__, Role.SUPERVISOR, path="/evidence"))
exports = extra(pages("evidence_exports", __name__, Role.SUPERVISOR, path="/evidence/export"))

CAUSES = {
    AlarmCause.KEY: "没有签名密钥，或密钥不是签过已发布检查点的那一把",
    AlarmCause.PUBLISHED_AHEAD: "已发布的日志比数据库里的多，数据库可能恢复到了旧的备份",
    AlarmCause.WITNESS_AHEAD: "见证方见过的日志比数据库里的多，数据库可能恢复到了旧的备份",
    AlarmCause.FORKED: "已发布的日志与数据库里的不是同一本",
    AlarmCause.TILES: "已发布的文件算不出签过名的树根，可能被改动或丢失",
}
MOST_EXPORTED = 5_000
INDEX = re.compile(r"[0-9]{1,18}", re.ASCII)


def render_overview() -> str:
    """The start page of a supervisor: what is wrong first, then how it stands."""
    policy, newest, alarm = overview.find_policy(), queries.get_checkpoint(), queries.get_alarm()
    return render_template(
        "console/evidence.html",
        alarm=alarm,
        cause=CAUSES[alarm.cause] if alarm else "",
        newest=newest,
        witnessed=overview.witnessed(),
        witnesses=overview.list_witnesses(policy) if policy else [],
        days=overview.growth(),
        rule=overview.in_words(policy) if policy else None,
        origins=[key.name for key in policy.logs] if policy else [],
        audit=audits.get_last_run(),
    )


def _day() -> date | None:
    """The day of the filter. Refuses: Invalid for what is none."""
    value = lists.text_arg("day")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as wrong:
        raise Invalid("consoles.filter", "日期请写成 2020-03-22 的样子。") from wrong


def _page(before: int | None, limit: int) -> list[Checkpoint]:
    return list(overview.list_checkpoints(day=_day(), missing=lists.text_arg("missing"), before=before, limit=limit))


@blueprint.get("/checkpoints")
def checkpoints() -> ResponseReturnValue:
    """The trees that the log has signed, the newest first, with who cosigned each."""
    rows = _page(_before(), lists.PAGE)
    return render_template(
        "console/evidence_checkpoints.html",
        rows=rows,
        cosigned=overview.cosigned([row.size for row in rows]),
        choices=[(witness.name, words.name_witness(witness.name)) for witness in publishing.policy().witnesses],
        policy=publishing.policy(),
        filtered=bool(lists.text_arg("day") or lists.text_arg("missing")),
        onward=rows[-1].size if len(rows) == lists.PAGE else None,
        most_exported=MOST_EXPORTED,
    )


def _before() -> int | None:
    value = lists.text_arg(lists.PLACE)
    if value and not INDEX.fullmatch(value):
        raise Invalid("consoles.filter", "页面里的选项不对，请回到列表重新选择。")
    return int(value) if value else None


@exports.get("/checkpoints")
def export() -> ResponseReturnValue:
    """The rows of the list, the newest 5,000 of them, as a table that Excel opens."""
    response = Response("\ufeff" + "".join(_lines()), content_type="text/csv; charset=utf-8")
    stamp = clock.local(clock.now()).strftime("%Y%m%d-%H%M")
    response.headers.set("Content-Disposition", "attachment", filename=f"检查点-{stamp}.csv")
    return response


def _lines() -> Iterator[str]:
    names = [witness.name for witness in publishing.policy().witnesses]
    yield _line(["日志条数", "树根", "签发时间", *map(words.name_witness, names)])
    rows = _page(None, MOST_EXPORTED)
    cosigned = overview.cosigned([row.size for row in rows])
    for row in rows:
        seen = cosigned[row.size]
        yield _line([str(row.size), row.root.hex(), clock.shown(row.at), *(clock.shown(seen.get(n)) for n in names)])


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


@blueprint.get("/audits")
def audit() -> ResponseReturnValue:
    """What an audit found, the newest one unless another is asked for, and the ones before it."""
    runs = audits.list_runs()
    asked = lists.key_arg("run")
    chosen = next((run for run in runs if asked in {None, run.id}), None)
    if asked and chosen is None:
        raise NotFound
    known_to = current_office().kind
    found = audits.list_discrepancies(chosen.id, known_to, after=lists.key_arg(lists.PLACE)) if chosen else []
    return render_template(
        "console/evidence_audit.html",
        runs=runs,
        chosen=chosen,
        found=found,
        kinds={kind.name: kind.title for kind in queries.list_kinds(known_to)},
        onward=found[-1].id if len(found) == lists.PAGE else None,
    )


@blueprint.get("/leaf/<int:index>")
def leaf(index: int) -> ResponseReturnValue:
    """What everybody can see of an entry; the record behind it only where this kind of office may know of it."""
    found = overview.get_leaf(index)
    if found is None:
        raise NotFound("evidence.no_leaf", "日志里还没有这个序号。")
    return render_template(
        "console/evidence_leaf.html",
        leaf=found,
        first=overview.first_checkpoint(index),
        path=path_of(found.index, found.commitment),
        record=queries.find_record(found.commitment, current_office().kind),
    )
