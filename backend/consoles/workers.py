"""One worker of a roster: colour with its reasons, declarations, messages; the sealed facts on request."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from backend.accounts import actions as accounts
from backend.accounts import queries as people
from backend.accounts.rules import Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import NOT_AGREED, naming
from backend.core import clock
from backend.core.errors import Forbidden, Refused
from backend.core.resident_id import Sex
from backend.notices import queries as notices
from backend.notices.rules import Channel, State
from healthcode.checks import queries as checks
from healthcode.checks.rules import KIND_NAMES
from healthcode.codes import queries as codes
from healthcode.codes.fact_rules import CERTIFICATE_STATE_NAMES, QUERY_STATE_NAMES, TESTED_NAMES
from healthcode.codes.provinces import code_name
from healthcode.codes.rules import PROXY_NAMES
from healthcode.transfers import queries
from healthcode.transfers.models import Transfer
from healthcode.transfers.queries import Line
from healthcode.transfers.rules import Needed

blueprint = pages("workers", __name__, Role.OFFICIAL, path="/workers/<uuid:entry_id>")

SEX_NAMES = {Sex.MALE: "男", Sex.FEMALE: "女"}
CHANNEL_NAMES = {Channel.WECHAT: "微信", Channel.SMS: "短信"}
DELIVERY_NAMES = {
    State.QUEUED: "等待发送",
    State.SENDING: "发送中",
    State.SENT: "已发出",
    State.DELIVERED: "已送达",
    State.FAILED: "没有送达",
    State.UNKNOWN: "不确定是否送达",
    State.SKIPPED: "未授权，改发短信",
}
DELIVERY_TAGS = {State.DELIVERED: "tag-good", State.FAILED: "tag-bad", State.UNKNOWN: "tag-waiting"}
FACT_NAMES = {
    "result_names": TESTED_NAMES,
    "paper_names": CERTIFICATE_STATE_NAMES,
    "query_names": QUERY_STATE_NAMES,
    "code_name": code_name,
}
PURPOSE, FIELDS = "查看乘车人员", ("健康申报", "检测结果", "健康证明", "省级健康码")
"""What the person reads of each office that opens the page, once a day."""
NOT_SHARED = "本人没有同意向输入地提供行程和完整信息。需要联系本人时，请输出地的经办人转告。"
MESSAGES_SINCE = timedelta(days=14)


def _page(entry_id: UUID, refused: Refused | None = None, revealed: Mapping[str, str] | None = None) -> str:
    line, transfer = _line(entry_id)
    if not line.withheld and line.entry.person_id is not None:
        accounts.log_entrusted(
            subjects=[line.entry.resident_id_index],
            operator_id=current_office().operator_id,
            organisation_id=current_office().organisation_id,
            purpose=PURPOSE,
            fields=FIELDS,
        )
    return render_template(
        "console/worker.html",
        line=line,
        entry=line.entry,
        transfer=transfer,
        findings=() if line.withheld else checks.findings_of([entry_id])[entry_id],
        kind_names=KIND_NAMES,
        sex_names=SEX_NAMES,
        not_shared=NOT_SHARED,
        refused=refused,
        revealed=revealed,
        not_agreed=NOT_AGREED,
        **_known(None if line.withheld else line.entry.person_id, line.needed),
        **naming(),
    )


def _line(entry_id: UUID) -> tuple[Line, Transfer]:
    found, transfer = queries.get_entry(entry_id, seen_by=current_office())
    (line,) = queries.as_seen_by([found], transfer, current_office())
    return line, transfer


def _known(person_id: UUID | None, needed: Needed) -> dict[str, object]:
    """What is known of the person once the row is claimed, as far as this side needs it; nothing before."""
    if person_id is None:
        return {"declarations": (), "messages": (), "tests": (), "papers": (), "asked": ()}
    person = people.get_person(person_id)
    return {
        "declarations": [one for one in codes.list_declarations(person) if needed.covers(one.at)],
        "tests": [row for row in codes.list_tests(person) if needed.covers(row[0].sampled_at)],
        "papers": [row for row in codes.certificates_of(person) if needed.covers(row[0].filed_at)],
        "asked": [one for one in codes.newest_provincial(person) if needed.covers(one.asked_at)],
        **FACT_NAMES,
        "messages": notices.deliveries([person_id], since=clock.now() - MESSAGES_SINCE),
        "proxy_names": PROXY_NAMES,
        "channel_names": CHANNEL_NAMES,
        "delivery_names": DELIVERY_NAMES,
        "delivery_tags": DELIVERY_TAGS,
    }


@blueprint.get("/")
def show(entry_id: UUID) -> ResponseReturnValue:
    """All that this office may see of one worker, masked."""
    return _page(entry_id)


@blueprint.post("/")
@shows_again(_page)
def reveal(entry_id: UUID) -> ResponseReturnValue:
    """The same page with name, number, phone and address, this once.

    Refuses: Forbidden to the destination when the person doesn't share, or before it has agreed to receive.
    """
    line, _ = _line(entry_id)
    if line.withheld:
        raise Forbidden("transfers.not_shared", NOT_SHARED)
    if not line.needed.details:
        raise Forbidden("transfers.not_agreed", NOT_AGREED)
    entry = line.entry
    sealed = {"姓名": entry.name, "身份证号": entry.resident_id, "联系电话": entry.phone}
    if line.needed.address:
        sealed["户籍地址"] = entry.address
    revealed = accounts.reveal(
        sealed=sealed, subject_index=entry.resident_id_index, by=current_office(), purpose=typed("purpose")
    )
    return _page(entry_id, revealed=revealed)
