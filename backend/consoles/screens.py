"""A place's code on a screen at the place: the device's own link, and the page that draws a new code each minute.

The device is no operator: an official made its link, which one device opens, and that device's cookie gets this one
place's codes and nothing else.
"""

from datetime import timedelta
from typing import cast
from uuid import UUID

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.consoles.forms import show_refusal, shows_again
from backend.consoles.pages import layout_values
from backend.core.config import settings
from backend.core.errors import Forbidden, NotFound, Refused
from backend.regions import names as regions
from healthcode.itinerary import actions, queries
from healthcode.itinerary.models import Screen

blueprint = Blueprint("screens", __name__, url_prefix="/screen")
blueprint.register_error_handler(Refused, show_refusal)
blueprint.context_processor(layout_values)

COOKIE = "screen"
COOKIE_LIFE = timedelta(days=400)
"""The longest that browsers keep one (RFC 6265bis, 5.5)."""
NOT_THIS_DEVICE = "这块屏幕已停用，或链接是在另一台设备上打开的。请让工作人员在场所码页面新加一块屏幕，再扫新的链接。"


def _opening(token: str, refused: Refused | None = None) -> str:
    screen = queries.find_screen_link(token)
    if screen is None:
        raise NotFound
    place = queries.place_of_screen(screen)
    return render_template("console/screen_open.html", screen=screen, place=place, token=token, refused=refused)


@blueprint.get("/open/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Where the link leads: whose code it is, and the button that binds this device."""
    return _opening(token)


@blueprint.post("/open/<token>")
@shows_again(_opening)
def bind(token: str) -> ResponseReturnValue:
    """From now on this device, and no other, shows the code."""
    screen, secret = actions.open_screen(token=token)
    page = url_for("screens.show", screen_id=screen.id)
    response = make_response(redirect(page))
    response.set_cookie(
        COOKIE, secret, max_age=COOKIE_LIFE, path=page, secure=settings().cookie_secure, httponly=True, samesite="Lax"
    )
    return response


@blueprint.before_request
def check_device() -> None:
    """Let nobody at a screen's codes but the one device that opened its link. Refuses: Forbidden."""
    screen_id = (request.view_args or {}).get("screen_id")
    if screen_id is None:
        return
    g.screen = queries.find_device(screen_id, request.cookies.get(COOKIE, ""))
    if g.screen is None:
        raise Forbidden("itinerary.not_this_device", NOT_THIS_DEVICE)


@blueprint.get("/<uuid:screen_id>/")
def show(screen_id: UUID) -> ResponseReturnValue:
    """The page that fills the screen."""
    del screen_id
    screen = cast("Screen", g.screen)
    place = queries.place_of_screen(screen)
    return render_template(
        "console/screen.html", screen=screen, place=place, region_name=regions.full_name(place.region_code)
    )


@blueprint.get("/<uuid:screen_id>/codes.json")
def codes(screen_id: UUID) -> ResponseReturnValue:
    """The codes of this minute and the hour ahead, with the server's time, by which they are shown."""
    del screen_id
    taken = actions.take_codes(screen=cast("Screen", g.screen))
    return {
        "first": taken.first,
        "links": taken.links,
        "version": taken.version,
        "now": int(taken.now.timestamp() * 1000),
    }
