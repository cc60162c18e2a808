"""Writes: places and the versions of their posters."""

import secrets
from dataclasses import replace

from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.accounts.rules import Role
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Forbidden, Invalid, NotFound
from backend.regions import names
from backend.regions.datum import Datum, to_wgs84
from healthcode.itinerary import poster_text, rules
from healthcode.itinerary.models import Place, Poster
from healthcode.itinerary.rules import Position

LONGEST_NAME = 40


def create_place(
    *, name: str, region_code: str, position: Position, datum: Datum, radius_m: int, by: Acting
) -> tuple[Place, Poster]:
    """A place of the acting office, with the first version of its poster.

    Refuses: Invalid with a sentence for each field; Forbidden for a region outside the own one.
    """
    tidy = " ".join(name.split())
    _check_place(tidy, region_code, radius_m, by)
    point = to_wgs84(position.lon, position.lat, datum)
    if not replace(position, lon=point.lon, lat=point.lat).in_china:
        sentence = "经纬度不在中国境内，请检查是不是填反了。"
        raise Invalid("itinerary.place_position", sentence, fields={"lon": sentence})
    place = Place(
        name=tidy,
        region_code=region_code,
        lon=point.lon,
        lat=point.lat,
        radius_m=radius_m,
        organisation_id=by.organisation_id,
        created_at=clock.now(),
    )
    db.session.add(place)
    db.session.flush()
    return place, _print(place, version=1)


def _check_place(name: str, region_code: str, radius_m: int, by: Acting) -> None:
    faults = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        faults["name"] = f"请填写场所名称，最多 {LONGEST_NAME} 个字。"
    if names.find(region_code) is None:
        faults["region_code"] = "请选择场所所在的县区。"
    if radius_m not in rules.RADIUS_M:
        faults["radius_m"] = f"半径请填 {rules.RADIUS_M.start} 到 {rules.RADIUS_M.stop - 1} 米。"
    if faults:
        raise Invalid("itinerary.place_invalid", "场所信息有误，请按提示修改。", fields=faults)
    if by.role is Role.ADMINISTRATOR or not names.within(region_code, by.region_code):
        raise Forbidden("itinerary.place_elsewhere", "只能在本单位所在的地区设置场所码。")


def _print(place: Place, version: int) -> Poster:
    poster = Poster(
        place_id=place.id,
        version=version,
        token=secrets.token_urlsafe(poster_text.TOKEN_BYTES),
        created_at=clock.now(),
    )
    db.session.add(poster)
    db.session.flush()
    return poster


def renew_poster(*, place: Place, by: Acting) -> Poster:
    """A new version of a place's poster; the older ones prove nothing from now on.

    Refuses: NotFound for a place of another office.
    """
    if place.organisation_id != by.organisation_id:
        raise NotFound
    posters = db.session.scalars(select(Poster).where(Poster.place_id == place.id).with_for_update()).all()
    for poster in posters:
        poster.revoked_at = poster.revoked_at or clock.now()
    return _print(place, version=1 + max(p.version for p in posters))
