"""Choosing one of many by typing: fragments for forms with a government or a region in them."""

from flask import render_template
from flask.typing import ResponseReturnValue

from backend.accounts import queries
from backend.accounts.rules import OrganisationKind, Role
from backend.consoles import lists
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.regions import names as regions

blueprint = pages("picks", __name__, Role.OFFICIAL, Role.ADMINISTRATOR, path="/picks")


@blueprint.get("/governments")
def governments() -> ResponseReturnValue:
    """Other governments whose name holds the text."""
    found = queries.list_organisations(OrganisationKind.GOVERNMENT, lists.text_arg("q"))
    own = current_office().organisation_id
    choices = [(str(o.id), o.name, regions.full_name(o.region_code)) for o in found if o.id != own]
    return render_template("console/picks.html", choices=choices, field="destination_id")


@blueprint.get("/regions")
def find_regions() -> ResponseReturnValue:
    """Regions whose code or name begins with, or holds, the text; an official's own region and below."""
    acting = current_office()
    within = acting.region_code if acting.role is Role.OFFICIAL else regions.COUNTRY
    found = regions.search(lists.text_arg("q"), jurisdiction=within)
    choices = [(region.code, region.full_name, region.code) for region in found]
    return render_template("console/picks.html", choices=choices, field="region_code")
