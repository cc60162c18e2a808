"""A supervisor's search: the public log by digest, and records of the kinds that the own kind of office may know of."""

import re
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import queries as people
from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.evidence_frame import Disclosed, disclose, log_reading, render_record, send_proof, typed_purpose
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core.errors import Invalid, Refused
from backend.core.resident_id import tidy_resident_id
from backend.evidence import overview, queries
from backend.evidence.models import Record
from backend.evidence.note import Malformed, decode64

blueprint = pages("evidence_records", __name__, Role.SUPERVISOR, path="/evidence/records")

INDEX = re.compile(r"[0-9]{1,18}", re.ASCII)
HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
DIGEST_BYTES = 32
LONGEST_DIGEST = 64
MOST_SHOWN = 50


def _search(refused: Refused | None = None, found: list[Record] | None = None) -> str:
    return render_template(
        "console/evidence_search.html",
        asked=lists.text_arg("q", LONGEST_DIGEST),
        subject=typed("subject"),
        purpose=typed("purpose"),
        kinds={kind.name: kind.title for kind in queries.list_kinds(current_office().kind)},
        found=found,
        leaves={record.id: queries.get_leaf(record.id) for record in found or ()},
        most=MOST_SHOWN,
        refused=refused,
    )


@blueprint.get("/")
@shows_again(_search)
def index() -> ResponseReturnValue:
    """The form; a digest or an index leads on to the entry. Refuses: Invalid when it isn't in the log."""
    asked = lists.text_arg("q", LONGEST_DIGEST)
    return redirect(url_for("evidence.leaf", index=_index_of(asked))) if asked else _search()


def _index_of(asked: str) -> int:
    found = overview.get_leaf(int(asked)) if INDEX.fullmatch(asked) else overview.find_leaf(_digest(asked))
    if found is None:
        raise Invalid("evidence.no_leaf", "日志里没有它。刚刚存入的记录，请过几秒再查。", fields={"q": "没有找到。"})
    return found.index


def _digest(text: str) -> bytes:
    if HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        digest = decode64(text)
    except Malformed:
        digest = b""
    if len(digest) != DIGEST_BYTES:
        sentence = "请填写 64 位十六进制或 44 位 base64 的存证摘要，或日志里的序号。"
        raise Invalid("consoles.digest", sentence, fields={"q": sentence})
    return digest


@blueprint.post("/")
@shows_again(_search)
def find() -> ResponseReturnValue:
    """The records about a subject; who finds some about a person is written down, with the purpose."""
    if not typed("subject"):
        raise Invalid("consoles.subject", "请填写要查谁。", fields={"subject": "必填。"})
    purpose = typed_purpose()
    subject = _subject(typed("subject"))
    found = queries.list_records(subject, current_office().kind, limit=MOST_SHOWN)
    if found:
        log_reading(subject, purpose, ("存证清单",))
    return _search(found=found)


def _subject(text: str) -> str:
    """What stands for somebody in the log: a person's id where a resident ID number was typed, else the text."""
    person = people.find_verified(tidy_resident_id(text))
    return str(person.id) if person else text


def _record(record_id: UUID) -> Record:
    return queries.get_record(record_id, current_office().kind)


def _page(record_id: UUID, refused: Refused | None = None, disclosed: Disclosed | None = None) -> str:
    urls = {
        "list": url_for("evidence_records.index"),
        "read": url_for("evidence_records.read", record_id=record_id),
        "proof": url_for("evidence_records.download", record_id=record_id),
    }
    return render_record(_record(record_id), urls=urls, refused=refused, disclosed=disclosed)


@blueprint.get("/<uuid:record_id>")
def show(record_id: UUID) -> ResponseReturnValue:
    """What the log holds of a record; its content waits for a purpose."""
    return _page(record_id)


@blueprint.post("/<uuid:record_id>")
@shows_again(_page)
def read(record_id: UUID) -> ResponseReturnValue:
    """The same page with the content and the code to check it, this once."""
    return _page(record_id, disclosed=disclose(_record(record_id)))


@blueprint.post("/<uuid:record_id>/proof")
@shows_again(_page)
def download(record_id: UUID) -> ResponseReturnValue:
    """The proof as a file."""
    return send_proof(_record(record_id))


@blueprint.get("/<uuid:record_id>/proof")
def reload(record_id: UUID) -> ResponseReturnValue:
    """Reloading after a download that was refused leads back to the record."""
    del record_id
    return redirect(request.base_url.removesuffix("/proof"))
