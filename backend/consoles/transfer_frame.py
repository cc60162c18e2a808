"""What all pages of one transfer share: its headline, its tabs, what this office may do."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import render_template, url_for

from backend.accounts import queries as accounts
from backend.consoles.guard import current_office
from backend.regions import names as regions
from healthcode.codes.rules import COLOUR_NAMES, Colour
from healthcode.transfers import queries
from healthcode.transfers.models import Transfer
from healthcode.transfers.rules import EDITABLE, MODE_NAMES, OPENED, STATE_NAMES, Side, State

NOT_AGREED = "确认接收这次输送以后，才能查看和导出人员的完整信息。"

STATE_TAGS = {
    State.DRAFT: "",
    State.OFFERED: "tag-waiting",
    State.AGREED: "tag-running",
    State.ENROLLING: "tag-running",
    State.DEPARTING: "tag-running",
    State.IN_TRANSIT: "tag-running",
    State.ARRIVED: "tag-good",
    State.ON_DUTY: "tag-good",
    State.CLOSED: "",
    State.CANCELLED: "",
}
COLOUR_ORDER = (Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.GREY)


class Tab(NamedTuple):
    key: str
    endpoint: str
    label: str


TABS = (
    Tab("overview", "transfers.show", "概览"),
    Tab("roster", "roster.index", "花名册"),
    Tab("trips", "trips.index", "车次"),
    Tab("reconciliation", "reconciliation.index", "核对"),
    Tab("employers", "employers.index", "用工企业"),
    Tab("findings", "transfers.findings", "需要处理"),
    Tab("map", "maps.transfer", "地图"),
    Tab("reports", "reports.index", "报告"),
)
IMPORTS = Tab("imports", "imports.index", "导入")


def tabs_of(transfer: Transfer) -> Sequence[tuple[Tab, str]]:
    """The tabs with their addresses; files are the origin's alone."""
    shown = (*TABS, IMPORTS) if is_origin(transfer) else TABS
    return [(tab, url_for(tab.endpoint, transfer_id=transfer.id)) for tab in shown]


def is_origin(transfer: Transfer) -> bool:
    """Whether the acting office sends these workers."""
    return queries.side_of(transfer, current_office()) is Side.ORIGIN


def may_open(transfer: Transfer) -> bool:
    """Whether this office may read names and numbers in full now, for a purpose."""
    return is_origin(transfer) or transfer.state in OPENED


def may_edit(transfer: Transfer) -> bool:
    """Whether this office may change the roster now."""
    return is_origin(transfer) and transfer.state in EDITABLE


def render_transfer(template: str, transfer: Transfer, tab: str, **values: object) -> str:
    """A page of a transfer, in its frame."""
    return render_template(
        f"console/{template}",
        transfer=transfer,
        tab=tab,
        tabs=tabs_of(transfer),
        origin_name=accounts.get_organisation(transfer.origin_id).name,
        destination_name=accounts.get_organisation(transfer.destination_id).name,
        editable=may_edit(transfer),
        **naming(),
        **values,
    )


def naming() -> dict[str, object]:
    """The words for codes, for templates."""
    return {
        "state_names": STATE_NAMES,
        "state_tags": STATE_TAGS,
        "colour_names": {colour: COLOUR_NAMES[colour] for colour in COLOUR_ORDER},
        "mode_names": MODE_NAMES,
        "region_name": regions.full_name,
        "region_short": regions.short_name,
    }
