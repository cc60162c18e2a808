"""What needs an official, over all transfers that the office sees."""

from flask import render_template
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.finding_list import listed_findings
from backend.consoles.pages import pages

blueprint = pages("findings", __name__, Role.OFFICIAL, path="/findings")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Open findings, the oldest first."""
    return render_template("console/findings.html", **listed_findings())
