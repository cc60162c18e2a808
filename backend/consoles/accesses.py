"""What the own office's operators read of people's data, as those people see it too."""

from flask import render_template
from flask.typing import ResponseReturnValue

from backend.accounts import queries
from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from healthcode.transfers.queries.subjects import find_subjects

blueprint = pages("accesses", __name__, Role.OFFICIAL, Role.SUPERVISOR, path="/accesses")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Newest first."""
    rows = queries.list_accesses(current_office(), lists.key_arg("after"))
    onward = rows[-1][0].id if len(rows) == queries.PAGE else None
    subjects = find_subjects(entry.subject_index for entry, _ in rows)
    return render_template("console/accesses.html", rows=rows, subjects=subjects, onward=onward)
