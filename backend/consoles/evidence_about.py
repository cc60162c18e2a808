"""A government's look at the evidence about its own workers and transfers, of the kinds it may know of."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template, url_for
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


@dataclass(frozen=True, slots=True)
class About:
    """Whom or what the records are about: what stands for it in the log, its name, and its own page."""

    subject: str
    name: str
    url: str


def worker(entry_id: UUID) -> About:
    """The person of a row.

    Refuses: NotFound for another office's row, one that nobody has claimed, or a person who doesn't share.
    """
    found, transfer = transfers.get_entry(entry_id, seen_by=current_office())
    (line,) = transfers.as_seen_by([found], transfer, current_office())
    if line.withheld or line.entry.person_id is None:
        raise NotFound
    return About(str(line.entry.person_id), line.entry.name_mask, url_for("workers.show", entry_id=entry_id))


def transfer(transfer_id: UUID) -> About:
    """A transfer. Refuses: NotFound for another office's."""
    found = transfers.get_transfer(transfer_id, seen_by=current_office())
    return About(str(found.id), found.title, url_for("transfers.show", transfer_id=transfer_id))


def _pages(name: str, path: str, find: Callable[[UUID], About]) -> Blueprint:
    """The list of records about what `find` finds by the address, and the pages of each record."""
    blueprint = pages(name, __name__, Role.OFFICIAL, path=path)

    @blueprint.get("/")
    def index(about_id: UUID) -> ResponseReturnValue:
        """The records, the newest first."""
        about, kind = find(about_id), current_office().kind
        rows = queries.list_records(about.subject, kind, before=lists.key_arg(lists.PLACE), limit=lists.PAGE)
        return render_template(
            "console/evidence_about.html",
            about=about,
            rows=[(record, url_for(f"{name}.show", record_id=record.id, about_id=about_id)) for record in rows],
            leaves={record.id: queries.get_leaf(record.id) for record in rows},
            kinds={each.name: each.title for each in queries.list_kinds(kind)},
            onward=rows[-1].id if len(rows) == lists.PAGE else None,
        )

    def find_record(about_id: UUID, record_id: UUID) -> Record:
        """A record about this. Refuses: NotFound for one about something else."""
        about, record = find(about_id), queries.get_record(record_id, current_office().kind)
        if not overview.is_about(record, about.subject):
            raise NotFound
        return record

    def page(
        about_id: UUID, record_id: UUID, refused: Refused | None = None, disclosed: Disclosed | None = None
    ) -> str:
        urls = {
            "list": url_for(f"{name}.index", about_id=about_id),
            "read": url_for(f"{name}.read", record_id=record_id, about_id=about_id),
            "proof": url_for(f"{name}.download", record_id=record_id, about_id=about_id),
        }
        return render_record(find_record(about_id, record_id), urls=urls, refused=refused, disclosed=disclosed)

    @blueprint.get("/<uuid:record_id>")
    def show(about_id: UUID, record_id: UUID) -> ResponseReturnValue:
        """What the log holds of a record; its content waits for a purpose."""
        return page(about_id, record_id)

    @blueprint.post("/<uuid:record_id>")
    @shows_again(page)
    def read(about_id: UUID, record_id: UUID) -> ResponseReturnValue:
        """The same page with the content and the code to check it, this once."""
        return page(about_id, record_id, disclosed=disclose(find_record(about_id, record_id)))

    @blueprint.post("/<uuid:record_id>/proof")
    @shows_again(page)
    def download(about_id: UUID, record_id: UUID) -> ResponseReturnValue:
        """The proof as a file."""
        return send_proof(find_record(about_id, record_id))

    return blueprint


workers = _pages("worker_evidence", "/workers/<uuid:about_id>/evidence", worker)
of_transfers = _pages("transfer_evidence", "/transfers/<uuid:about_id>/evidence", transfer)
