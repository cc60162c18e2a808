"""A government's look at the evidence about a worker of its own rosters, of the kinds that governments may know of."""

from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.evidence_frame import Disclosed, disclose, render_record, send_proof
from backend.consoles.forms import shows_again
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core.errors import NotFound, Refused
from backend.evidence import overview, queries
from backend.evidence.models import Record
from healthcode.transfers import queries as transfers
from healthcode.transfers.queries import Line

blueprint = pages("worker_evidence", __name__, Role.OFFICIAL, path="/workers/<uuid:entry_id>/evidence")


def _line(entry_id: UUID) -> tuple[Line, str]:
    """The row, and what stands for its person in the log.

    Refuses: NotFound for another office's row, one that nobody has claimed, or a person who doesn't share.
    """
    found, transfer = transfers.get_entry(entry_id, seen_by=current_office())
    (line,) = transfers.as_seen_by([found], transfer, current_office())
    if line.withheld or line.entry.person_id is None:
        raise NotFound
    return line, str(line.entry.person_id)


@blueprint.get("/")
def index(entry_id: UUID) -> ResponseReturnValue:
    """The records about this worker, the newest first."""
    line, subject = _line(entry_id)
    kind = current_office().kind
    rows = queries.list_records(subject, kind, before=lists.key_arg(lists.PLACE), limit=lists.PAGE)
    return render_template(
        "console/worker_evidence.html",
        line=line,
        rows=rows,
        leaves={record.id: queries.get_leaf(record.id) for record in rows},
        kinds={each.name: each.title for each in queries.list_kinds(kind)},
        onward=rows[-1].id if len(rows) == lists.PAGE else None,
    )


def _record(entry_id: UUID, record_id: UUID) -> Record:
    """A record about this worker. Refuses: NotFound for one about somebody else."""
    _, subject = _line(entry_id)
    record = queries.get_record(record_id, current_office().kind)
    if not overview.is_about(record, subject):
        raise NotFound
    return record


def _page(entry_id: UUID, record_id: UUID, refused: Refused | None = None, disclosed: Disclosed | None = None) -> str:
    urls = {
        "list": url_for("worker_evidence.index", entry_id=entry_id),
        "read": url_for("worker_evidence.read", entry_id=entry_id, record_id=record_id),
        "proof": url_for("worker_evidence.download", entry_id=entry_id, record_id=record_id),
    }
    return render_record(_record(entry_id, record_id), urls=urls, refused=refused, disclosed=disclosed)


@blueprint.get("/<uuid:record_id>")
def show(entry_id: UUID, record_id: UUID) -> ResponseReturnValue:
    """What the log holds of a record; its content waits for a purpose."""
    return _page(entry_id, record_id)


@blueprint.post("/<uuid:record_id>")
@shows_again(_page)
def read(entry_id: UUID, record_id: UUID) -> ResponseReturnValue:
    """The same page with the content and the code to check it, this once."""
    return _page(entry_id, record_id, disclosed=disclose(_record(entry_id, record_id)))


@blueprint.post("/<uuid:record_id>/proof")
@shows_again(_page)
def download(entry_id: UUID, record_id: UUID) -> ResponseReturnValue:
    """The proof as a file."""
    return send_proof(_record(entry_id, record_id))
