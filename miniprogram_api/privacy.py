"""What is kept of people, on what basis and for how long, for anybody to read."""

from flask import Blueprint, render_template

from backend.core.config import settings
from backend.privacy import queries
from backend.privacy.rules import WAY_NAMES, period

blueprint = Blueprint("privacy", __name__, template_folder="templates")


@blueprint.get("/privacy")
def page() -> str:
    """Every kind of data in plain Chinese, what is nearest to people first."""
    return render_template(
        "api/privacy.html",
        kinds=queries.list_kinds()[::-1],
        way_names=WAY_NAMES,
        period=period,
        service_phone=settings().service_phone,
    )
