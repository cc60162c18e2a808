"""What the own office's operators took out of the system; the number stands in each document's watermark."""

from flask import render_template
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.privacy import queries

blueprint = pages("export_log", __name__, Role.OFFICIAL, path="/exports")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Newest first."""
    rows = queries.list_exports(seen_by=current_office(), before=lists.key_arg("after"))
    onward = rows[-1][0].id if len(rows) == queries.PAGE else None
    return render_template("console/export_log.html", rows=rows, onward=onward)
