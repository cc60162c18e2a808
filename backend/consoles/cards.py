"""Printed identity cards: for what a roster's list shows, and one person's with their history and their loss."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.roster import MOST_EXPORTED, all_lines, chosen_filter
from backend.consoles.transfer_frame import naming, render_transfer
from backend.core import clock
from backend.core.errors import Conflict, Forbidden, Invalid, Refused
from backend.core.pdf import MIMETYPE
from backend.core.requests import extra
from healthcode.codes import actions as codes
from healthcode.codes import queries as cards
from healthcode.codes.card_rules import CARD_END_NAMES, CARD_LIFE, MOST_PRINTED, spaced
from healthcode.codes.card_sheet import NAME, PerPage
from healthcode.transfers import actions, queries
from healthcode.transfers.models import Transfer
from healthcode.transfers.queries import EntryFilter, Line

PATH = "/transfers/<uuid:transfer_id>/cards"
OF_ONE = "/workers/<uuid:entry_id>/cards"
blueprint = pages("cards", __name__, Role.OFFICIAL, path=PATH)
sheets = extra(pages("card_sheets", __name__, Role.OFFICIAL, path=f"{PATH}/sheet"))
workers = pages("worker_cards", __name__, Role.OFFICIAL, path=OF_ONE)
worker_sheets = extra(pages("worker_card_sheets", __name__, Role.OFFICIAL, path=f"{OF_ONE}/sheet"))

SIZES = ((PerPage.TEN, "每页 10 张（和身份证差不多大）"), (PerPage.EIGHT, "每页 8 张（大一些，字大）"))


def _lines(transfer: Transfer) -> list[Line]:
    """What the list shows with the address's filters; one more than the most where there are too many."""
    return queries.as_seen_by(list(all_lines(transfer, chosen_filter())), transfer, current_office())


def _page(transfer_id: UUID, refused: Refused | None = None) -> str:
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    lines = [line for line in _lines(transfer) if not line.withheld]
    return render_transfer(
        "cards.html",
        transfer,
        "roster",
        chosen=len(lines),
        too_many=len(lines) > MOST_EXPORTED,
        lacking=len(queries.without_card(lines)),
        most=MOST_PRINTED,
        filtered=chosen_filter() != EntryFilter(),
        sizes=SIZES,
        days=CARD_LIFE.days,
        refused=refused,
    )


@blueprint.get("/")
def ask(transfer_id: UUID) -> ResponseReturnValue:
    """For how many of the list cards would be printed."""
    return _page(transfer_id)


@sheets.get("/")
def back(transfer_id: UUID) -> ResponseReturnValue:
    """Reloading after a download leads back to the page."""
    return redirect(f"{url_for('cards.ask', transfer_id=transfer_id)}?{request.query_string.decode()}")


@sheets.post("/")
@shows_again(_page)
def print_many(transfer_id: UUID) -> ResponseReturnValue:
    """The cards as PDF."""
    transfer = queries.get_transfer(transfer_id, seen_by=current_office())
    return _pdf(transfer, _lines(transfer), renew=typed("who") == "all")


def _pdf(transfer: Transfer, lines: list[Line], *, renew: bool) -> Response:
    content = actions.print_cards(
        transfer=transfer,
        lines=lines,
        renew=renew,
        per_page=_per_page(),
        purpose=typed("purpose"),
        by=current_office(),
    )
    stamp = clock.local(clock.now()).strftime("%Y%m%d-%H%M")
    response = Response(content, mimetype=MIMETYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"{NAME}-{transfer.title}-{stamp}.pdf")
    return response


def _per_page() -> PerPage:
    try:
        return PerPage(int(typed("per_page")[:2] or PerPage.TEN))
    except ValueError as wrong:
        raise Invalid("consoles.per_page", "请选择每页几张。", fields={"per_page": "请选择。"}) from wrong


def _line(entry_id: UUID) -> tuple[Line, Transfer]:
    """One row, for an office that may print for it. Refuses: NotFound; Forbidden where the person doesn't share."""
    found, transfer = queries.get_entry(entry_id, seen_by=current_office())
    (line,) = queries.as_seen_by([found], transfer, current_office())
    if line.withheld or not line.needed.details:
        raise Forbidden("transfers.not_shared", "身份卡请输出地的经办人打印，或等确认接收、本人同意共享以后再办。")
    return line, transfer


def _own_page(entry_id: UUID, refused: Refused | None = None, **_: object) -> str:
    line, transfer = _line(entry_id)
    person_id = line.entry.person_id
    return render_template(
        "console/worker_cards.html",
        entry=line.entry,
        transfer=transfer,
        cards=cards.cards_of(person_id) if person_id else (),
        now=clock.now(),
        end_names=CARD_END_NAMES,
        spaced=spaced,
        days=CARD_LIFE.days,
        refused=refused,
        **naming(),
    )


@workers.get("/")
def show(entry_id: UUID) -> ResponseReturnValue:
    """One person's cards, the newest first."""
    return _own_page(entry_id)


@worker_sheets.get("/")
def back_to_one(entry_id: UUID) -> ResponseReturnValue:
    """Reloading after a download leads back to the page."""
    return redirect(url_for("worker_cards.show", entry_id=entry_id))


@worker_sheets.post("/")
@shows_again(_own_page)
def print_one(entry_id: UUID) -> ResponseReturnValue:
    """A new card for one person."""
    line, transfer = _line(entry_id)
    return _pdf(transfer, [line], renew=True)


@workers.post("/<uuid:card_id>/loss")
@shows_again(_own_page)
def lose(entry_id: UUID, card_id: UUID) -> ResponseReturnValue:
    """Somebody told the office that the card was lost."""
    line, _ = _line(entry_id)
    if line.entry.person_id is None:
        raise Conflict("codes.no_card", "这个人还没有身份卡。")
    codes.lose_card(card_id=card_id, person_id=line.entry.person_id, by=current_office())
    flash("已挂失，这张卡不能再用。需要的话请打印新卡。")
    return redirect(url_for("worker_cards.show", entry_id=entry_id))
