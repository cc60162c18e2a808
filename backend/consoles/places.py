"""Places with a code on the wall, their posters, and the screens that show it."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles import lists, qr
from backend.consoles.forms import read_number, shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core.errors import Invalid, NotFound, Refused
from backend.regions import names as regions
from backend.regions.datum import Datum
from healthcode.itinerary import actions, queries
from healthcode.itinerary.models import Place
from healthcode.itinerary.rules import SCREEN_LINK_LIFE, Position

blueprint = pages("places", __name__, Role.OFFICIAL, path="/places")

DATUM_NAMES = {Datum.GCJ02: "腾讯、高德地图或微信", Datum.WGS84: "GPS 或浏览器定位"}


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The own places and those in the own region."""
    rows = queries.list_places(
        seen_by=current_office(), search=lists.text_arg("search"), after=lists.key_arg("after"), limit=queries.PAGE
    )
    return render_template(
        "console/places.html",
        rows=rows,
        region_name=regions.full_name,
        onward=rows[-1][0].id if len(rows) == queries.PAGE else None,
    )


def _form(refused: Refused | None = None) -> str:
    return render_template("console/place_new.html", refused=refused, datum_names=DATUM_NAMES)


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form for a place."""
    return _form()


@blueprint.post("/new")
@shows_again(_form)
def create() -> ResponseReturnValue:
    """Make a place with its first poster."""
    try:
        datum = Datum(typed("datum"))
    except ValueError as wrong:
        raise Invalid("consoles.datum", "请选择经纬度是从哪里看到的。", fields={"datum": "请选择。"}) from wrong
    place, _ = actions.create_place(
        name=typed("name"),
        region_code=typed("region_code"),
        position=Position(read_number("lon", "经度"), read_number("lat", "纬度"), 0.0),
        datum=datum,
        radius_m=int(read_number("radius_m", "范围")),
        by=current_office(),
    )
    flash(f"已创建“{place.name}”，请打印场所码并张贴在入口。")
    return redirect(url_for("places.show", place_id=place.id))


def _page(place_id: UUID, refused: Refused | None = None) -> str:
    place = queries.get_place(place_id, seen_by=current_office())
    own = place.organisation_id == current_office().organisation_id
    return render_template(
        "console/place.html",
        place=place,
        posters=queries.list_posters(place),
        screens=queries.list_screens(place) if own else (),
        region_name=regions.full_name(place.region_code),
        own=own,
        refused=refused,
    )


@blueprint.get("/<uuid:place_id>")
def show(place_id: UUID) -> ResponseReturnValue:
    """A place, all versions of its poster, and the screens that show its code."""
    return _page(place_id)


@blueprint.post("/<uuid:place_id>/screens")
@shows_again(_page)
def add_screen(place_id: UUID) -> ResponseReturnValue:
    """Let a device show the place's code."""
    place = queries.get_place(place_id, seen_by=current_office())
    screen = actions.add_screen(place=place, name=typed("name"), by=current_office())
    return redirect(url_for("places.screen", place_id=place.id, screen_id=screen.id))


@blueprint.get("/<uuid:place_id>/screens/<uuid:screen_id>")
def screen(place_id: UUID, screen_id: UUID) -> ResponseReturnValue:
    """The link of a screen, until a device has opened it."""
    place = _own(place_id)
    shown = queries.get_screen(place, screen_id)
    link = queries.screen_link(shown)
    return render_template(
        "console/screen_link.html",
        place=place,
        screen=shown,
        link=link,
        drawing=qr.draw(link, qr.Damage.LITTLE) if link else None,
        expires_at=shown.created_at + SCREEN_LINK_LIFE,
    )


@blueprint.post("/<uuid:place_id>/screens/<uuid:screen_id>/revoke")
@shows_again(lambda place_id, refused, **_: _page(place_id, refused))
def revoke_screen(place_id: UUID, screen_id: UUID) -> ResponseReturnValue:
    """The device gets no more codes."""
    revoked = actions.revoke_screen(place=_own(place_id), screen_id=screen_id, by=current_office())
    flash(f"已停用屏幕“{revoked.name}”。")
    return redirect(url_for("places.show", place_id=place_id))


def _own(place_id: UUID) -> Place:
    place = queries.get_place(place_id, seen_by=current_office())
    if place.organisation_id != current_office().organisation_id:
        raise NotFound
    return place


@blueprint.post("/<uuid:place_id>/renew")
def renew(place_id: UUID) -> ResponseReturnValue:
    """A new poster; the ones on the wall prove nothing from now on."""
    poster = actions.renew_poster(place=queries.get_place(place_id, seen_by=current_office()), by=current_office())
    flash(f"旧场所码已作废，新的是第 {poster.version} 版，请打印后换上。")
    return redirect(url_for("places.show", place_id=place_id))


@blueprint.get("/<uuid:place_id>/poster")
def poster(place_id: UUID) -> ResponseReturnValue:
    """The poster in force, to be printed on A4."""
    place = _own(place_id)
    current = queries.get_poster(place)
    return render_template(
        "console/poster.html",
        place=place,
        poster=current,
        # A quarter of the code may be damaged and it still reads: it hangs in the rain.
        drawing=qr.draw(queries.poster_url(current), qr.Damage.QUARTER),
        region_name=regions.full_name(place.region_code),
    )
