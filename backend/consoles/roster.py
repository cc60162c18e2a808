"""The roster of a transfer: search, filters, order; and its export, which opens sealed data."""

from collections.abc import Iterator
from uuid import UUID

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import NOT_AGREED, is_origin, may_open, render_transfer
from backend.core import clock
from backend.core.errors import Forbidden, Invalid, Refused
from backend.core.requests import extra
from backend.core.resident_id import Sex
from backend.privacy import actions as privacy
from healthcode.codes.rules import COLOUR_NAMES, Colour
from healthcode.transfers import documents, queries
from healthcode.transfers.models import Transfer, Trip
from healthcode.transfers.queries import EntryFilter, Line, Sort
from healthcode.transfers.rules import MODE_NAMES
from healthcode.transfers.sheets import TITLES
from healthcode.transfers.watermark import Watermark

blueprint = pages("roster", __name__, Role.OFFICIAL, path="/transfers/<uuid:transfer_id>/roster")
exports = extra(pages("exports", __name__, Role.OFFICIAL, path="/transfers/<uuid:transfer_id>/export"))

SEX_NAMES = {Sex.MALE.value: "男", Sex.FEMALE.value: "女"}
MOST_EXPORTED = 5_000
"""Rows of one export: more wouldn't be opened by one reader for one purpose."""
LONGEST_ENTERPRISE = 200  # characters
STATUS_TITLES = ("健康码", "最近申报", "最后地点", "最后地点时间", "到达时间")


def chosen_filter() -> EntryFilter:
    """Which rows the address asks for."""
    return EntryFilter(
        search=lists.text_arg("search"),
        colour=lists.choice_arg("colour", Colour),
        trip_id=lists.key_arg("trip"),
        claimed=lists.flag_arg("claimed"),
        arrived=lists.flag_arg("arrived"),
        poor=lists.flag_arg("poor"),
        enterprise=lists.text_arg("enterprise", LONGEST_ENTERPRISE) if "enterprise" in request.args else None,
    )


def _roster(transfer_id: UUID, refused: Refused | None = None) -> str:
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    chosen, sort = chosen_filter(), lists.choice_arg("sort", Sort) or Sort.NAME
    page = queries.list_entries(transfer, filter=chosen, sort=sort, after=lists.key_arg("after"), limit=lists.PAGE)
    lines = queries.as_seen_by(page, transfer, current_office())
    return render_transfer(
        "roster.html",
        transfer,
        "roster",
        lines=lines,
        sort=sort,
        most_trips=lists.PAGE,
        filtered=chosen != EntryFilter(),
        trips=_trips(transfer, chosen.trip_id),
        onward=lines[-1].entry.id if len(lines) == lists.PAGE else None,
        most_exported=MOST_EXPORTED,
        may_open=may_open(transfer),
        with_addresses=is_origin(transfer),
        refused=refused,
    )


def _trips(transfer: Transfer, chosen: UUID | None) -> list[Trip]:
    """What the filter offers: the first trips and the chosen one. The others are reached from the list of trips, so
    that a roster with thousands of them opens as fast as one with some.

    Refuses: NotFound for a trip of another transfer.
    """
    first = list(queries.list_trips(transfer, limit=lists.PAGE))
    if chosen is None or any(trip.id == chosen for trip in first):
        return first
    return [*first, queries.get_trip(transfer, chosen)]


@blueprint.get("/")
def index(transfer_id: UUID) -> ResponseReturnValue:
    """A page of the roster."""
    return _roster(transfer_id)


@exports.get("/")
def ask(transfer_id: UUID) -> ResponseReturnValue:
    """Reloading after an export leads back to the list."""
    return redirect(f"{url_for('roster.index', transfer_id=transfer_id)}?{request.query_string.decode()}")


@exports.post("/")
@shows_again(_roster)
def export(transfer_id: UUID) -> ResponseReturnValue:
    """The rows of the list as Excel, with full names and numbers, each reading written down.

    Refuses: Invalid without a purpose, or for more rows than one export may hold; Forbidden to a destination that has
    not agreed to receive these people.
    """
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    by, at = current_office(), clock.now()
    if not may_open(transfer):
        raise Forbidden("transfers.not_agreed", NOT_AGREED)
    lines = queries.as_seen_by(list(all_lines(transfer, chosen_filter())), transfer, by)
    if len(lines) > MOST_EXPORTED:
        raise Invalid(
            "consoles.export_large", f"一次最多导出 {MOST_EXPORTED:,} 人，请先用车次或其他条件缩小范围再导出。"
        )
    purpose = typed("purpose")
    rows = [_row(line, by, purpose) for line in lines]
    noted = privacy.note_export(
        document=f"花名册：{transfer.title}", rows=len(rows), purpose=purpose, by=by, transfer_id=transfer.id
    )
    content = documents.roster_workbook(
        rows,
        Watermark(by.organisation_name, by.operator_name, at, noted.id),
        headings=(*TITLES.values(), *STATUS_TITLES),
        title=transfer.title,
    )
    response = Response(content, mimetype=documents.EXCEL)
    stamp = clock.local(at).strftime("%Y%m%d-%H%M")
    response.headers.set("Content-Disposition", "attachment", filename=f"花名册-{transfer.title}-{stamp}.xlsx")
    return response


def all_lines(transfer: Transfer, chosen: EntryFilter) -> Iterator[Line]:
    """All rows of the list, and one beyond the most that may be exported."""
    after, count, size = None, 0, 1000
    while count <= MOST_EXPORTED:
        page = queries.list_entries(transfer, filter=chosen, sort=Sort.NUMBER, after=after, limit=size)
        yield from page[: MOST_EXPORTED + 1 - count]
        count += len(page)
        if len(page) < size:
            return
        after = page[-1].entry.id


def _row(line: Line, by: Acting, purpose: str) -> list[documents.Cell]:
    entry, trip = line.entry, line.trip
    sealed = {"姓名": entry.name, "身份证号": entry.resident_id, "户籍地址": entry.address, "联系电话": entry.phone}
    opened = {
        "姓名": entry.name_mask,
        "身份证号": entry.resident_id_mask,
        "户籍地址": entry.address_mask,
        "联系电话": entry.phone_mask,
    }
    if not line.needed.address:
        del sealed["户籍地址"]
    if not line.withheld:
        opened |= accounts.reveal(sealed=sealed, subject_index=entry.resident_id_index, by=by, purpose=purpose)
    return [
        entry.number,
        opened["姓名"],
        SEX_NAMES.get(entry.sex, ""),
        opened["身份证号"],
        opened["户籍地址"],
        opened["联系电话"],
        "是" if entry.poor else "否",
        entry.skills,
        entry.enterprise,
        entry.position,
        trip.departs_at if trip else None,
        MODE_NAMES[trip.mode] if trip else "",
        trip.vehicle if trip else "",
        entry.seat,
        COLOUR_NAMES[line.verdict.colour],
        line.declared_at,
        (line.seen.place_name or "") if line.seen else "",
        line.seen.at if line.seen else None,
        entry.arrived_at,
    ]
