"""What the pages of one record share: its path, its content for a purpose, its proof to take along."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from backend.accounts import actions as accounts
from backend.accounts import queries as people
from backend.accounts.actions.reading import SHORTEST_PURPOSE
from backend.consoles import qr
from backend.consoles.forms import typed
from backend.consoles.guard import current_office
from backend.core.config import settings
from backend.core.errors import Invalid, Refused
from backend.evidence import overview, publishing, queries, short, words
from backend.evidence.merkle import leaf_hash
from backend.evidence.models import Record
from backend.evidence.proof import Proof

FIELDS = ("存证内容", "存证证明")
FORMS = {"text": ("tlog-proof", "text/plain; charset=utf-8"), "json": ("json", "application/json")}


WORDS: dict[str, Callable[..., object]] = {
    "written_at": overview.written_at,
    "witness_word": words.name_witness,
    "field_word": words.name_field,
    "value_word": words.name_value,
}


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A record opened for a purpose: what it says, its proof, and the code that opens the verifier's page."""

    opened: queries.Opened
    drawing: qr.Drawing | None
    """None where the record is too long for any code."""
    purpose: str


def worded(blueprint: Blueprint) -> Blueprint:
    """Let a blueprint's templates say what people call witnesses, fields and values."""
    for name, word in WORDS.items():
        blueprint.add_app_template_filter(word, name)
    return blueprint


def path_of(index: int, commitment: bytes) -> dict[str, object] | None:
    """An entry's path to the root of the newest witnessed tree; None while that doesn't hold it."""
    tree, note = overview.witnessed(), publishing.published(publishing.WITNESSED)
    if tree is None or note is None or index >= tree.size:
        return None
    steps = list(overview.climb(queries.prove(index, note), commitment))
    return {"tree": tree, "note": note, "steps": steps, "leaf": leaf_hash(commitment)}


def render_record(
    record: Record,
    *,
    urls: Mapping[str, str],
    refused: Refused | None = None,
    disclosed: Disclosed | None = None,
) -> str:
    """A record's page; `urls` are those of the list it came from, of reading it and of its downloads."""
    leaf, note = queries.get_leaf(record.id), publishing.published(publishing.WITNESSED)
    return render_template(
        "console/evidence_record.html",
        record=record,
        kind=queries.get_kind(record.kind),
        leaf=leaf,
        path=path_of(leaf.index, leaf.commitment) if leaf else None,
        agreement=publishing.policy().check(note) if note else None,
        moment=_moment,
        urls=urls,
        refused=refused,
        disclosed=disclosed,
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def disclose(record: Record) -> Disclosed:
    """Open a record for the purpose that was typed; where it is about a person, the reading is written down.

    Refuses: Invalid without a purpose, and what `queries.get_proof` refuses.
    """
    proof, purpose = read_proof(record)
    digits = short.dump_digits(short.shorten(proof, publishing.policy()))
    try:
        drawing = qr.draw(f"{settings().base_url}/verify/#{digits}", qr.Damage.LITTLE)
    except ValueError:
        drawing = None
    return Disclosed(queries.open_record(record), drawing, purpose)


def read_proof(record: Record) -> tuple[Proof, str]:
    """A record's proof, with the purpose that was typed, for which the reading is written down."""
    purpose = typed_purpose()
    proof = queries.get_proof(record.id)
    log_reading(queries.open_record(record).subject, purpose, FIELDS)
    return proof, purpose


def typed_purpose() -> str:
    """Why somebody looks. Refuses: Invalid when that says nothing."""
    purpose = typed("purpose")
    if len(purpose) < SHORTEST_PURPOSE:
        sentence = f"请写明查看的原因（至少 {SHORTEST_PURPOSE} 个字），本人会看到。"
        raise Invalid("accounts.purpose_missing", sentence, fields={"purpose": "必填。"})
    return purpose


def log_reading(subject: str, purpose: str, fields: tuple[str, ...]) -> None:
    """Write down who read about a subject, where it is a person."""
    try:
        person = people.find_person(UUID(subject))
    except ValueError:
        return
    if person:
        subjects = [person.resident_id_index]
        accounts.log_access(subjects=subjects, by=current_office(), purpose=purpose, fields=fields)


def send_proof(record: Record) -> Response:
    """The proof as a file, in the form that was asked for. Refuses: Invalid for another form, and as `read_proof`."""
    form = request.form.get("form", "")
    if form not in FORMS:
        raise Invalid("consoles.form", "请选择证明文件的格式。")
    proof, _ = read_proof(record)
    ending, mimetype = FORMS[form]
    response = Response(str(proof) if form == "text" else proof.dump_json(), content_type=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=f"存证-{proof.index}.{ending}")
    return response
