"""Writes: scans and positions, each with what it proves."""

import math
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, text

from backend.accounts.models import Person
from backend.core import clock
from backend.core.config import settings
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid
from backend.core.events import emit
from backend.core.statements import Prepared
from backend.regions.datum import Datum, Point, to_wgs84
from backend.regions.distance import distance_km
from healthcode.itinerary import poster_text, queries, rotating, rules
from healthcode.itinerary.actions.screens import check_genuine
from healthcode.itinerary.events import Sighted
from healthcode.itinerary.models import Place, Poster, Sighting
from healthcode.itinerary.rules import Finding, Position, Presence, Source, Spot

# One statement: the sighting, unless its key was used that day, and the newest sign of life that follows from it.
# Rows arrive late from phones without a network, so the newer of the known and the new point stays.
KEEP = Prepared(
    text("""
WITH seen AS (
    INSERT INTO itinerary.sighting (day, id, person_id, at, source, presence, doubt, place_id, region_code, lon, lat,
                                    accuracy_m, located, request_key)
    VALUES (:day, :id, :person_id, :at, :source, :presence, :doubt, :place_id, :region_code, :lon, :lat,
            :accuracy_m, :located, :request_key)
    ON CONFLICT (day, person_id, request_key) DO NOTHING
    RETURNING person_id, at, place_id, region_code, lon, lat, accuracy_m, presence = 'proven' AS proven
)
INSERT INTO itinerary.last_seen AS known (person_id, sign_at, at, place_id, region_code, lon, lat, accuracy_m)
SELECT person_id, at,
       CASE WHEN proven THEN at END, CASE WHEN proven THEN place_id END, CASE WHEN proven THEN region_code END,
       CASE WHEN proven THEN lon END, CASE WHEN proven THEN lat END, CASE WHEN proven THEN accuracy_m END
FROM seen
ON CONFLICT (person_id) DO UPDATE SET
    sign_at = greatest(known.sign_at, excluded.sign_at),
    (at, place_id, region_code, lon, lat, accuracy_m) = (
        SELECT p.* FROM (VALUES
            (excluded.at, excluded.place_id, excluded.region_code, excluded.lon, excluded.lat, excluded.accuracy_m),
            (known.at, known.place_id, known.region_code, known.lon, known.lat, known.accuracy_m)
        ) AS p (at, place_id, region_code, lon, lat, accuracy_m)
        ORDER BY p.at DESC NULLS LAST LIMIT 1
    )
""")
)
SIGN = text("""
INSERT INTO itinerary.last_seen AS known (person_id, sign_at) VALUES (:person_id, :at)
ON CONFLICT (person_id) DO UPDATE SET sign_at = greatest(known.sign_at, excluded.sign_at)
""")


def scan_place(
    *, person: Person, text: str, position: Position | None, datum: Datum = Datum.WGS84, request_key: str
) -> Sighting:
    """Keep that somebody scanned a place code, and whether the code or a position proves the presence.

    The same `request_key` again is the same scan, and so is the same minute of a screen. A scan from afar, or of an old
    minute, is kept as unproven and changes no colour.
    Refuses: Invalid("itinerary.…") for what is no place code of ours, is forged or was replaced by a newer version;
    Conflict when the key was used for something else.
    """
    code = poster_text.read(text, settings().base_url)
    poster, place = _poster(code.token)
    here = _in_wgs84(position, datum) if position else None
    metres = 1000 * distance_km(Point(here.lon, here.lat), Point(place.lon, place.lat)) if here else None
    source, key = Source.PLACE, request_key
    if code.rotating is None:
        finding = rules.judge_scan(here, metres, place.radius_m)
    else:
        check_genuine(code.rotating, poster, place)
        source, key = Source.SCREEN, f"{poster.id.hex}.{code.rotating.minute}"
        # Sent again when the minute has passed, it is still the scan that was proven.
        if earlier := queries.find_sighting(person.id, key):
            return earlier
        finding = rotating.judge(code.rotating.minute, clock.now(), here, metres, place.radius_m)
        if finding.presence is Presence.PROVEN:
            here = Position(place.lon, place.lat, place.radius_m)
        else:
            key = f"{key}.{finding.presence}"
    return _keep_once(
        person,
        key,
        source,
        finding,
        place_id=place.id,
        region_code=place.region_code if finding.presence is Presence.PROVEN else None,
        position=here,
        located=True,
    )


def _poster(token: str) -> Row[Poster, Place]:
    found = queries.find_poster(token)
    if found is None:
        raise Invalid("itinerary.unknown_poster", "这张场所码不是本平台发出的，可能是伪造的，请向现场工作人员核实。")
    if found[0].revoked_at is not None:
        raise Invalid("itinerary.revoked", "这张场所码已经作废，请扫现场最新张贴的场所码，或告诉工作人员。")
    return found


def report_position(*, person: Person, position: Position, datum: Datum, request_key: str) -> Sighting:
    """Keep a position that the phone reported; its region is looked up by a task of the bulk queue.

    The same `request_key` again is the same report. Refuses: Invalid for what is no position; Conflict when the key was
    used for something else.
    """
    here = _in_wgs84(position, datum)
    finding = rules.judge_position(here)
    located = finding.presence is Presence.UNPROVEN
    return _keep_once(person, request_key, Source.POSITION, finding, position=here, located=located)


def _in_wgs84(position: Position, datum: Datum) -> Position:
    if not math.isfinite(position.accuracy) or position.accuracy < 0:
        raise Invalid("itinerary.accuracy", "定位精度不对，请重新定位。")
    point = to_wgs84(position.lon, position.lat, datum)
    return replace(position, lon=point.lon, lat=point.lat)


def _keep_once(
    person: Person,
    request_key: str,
    source: Source,
    finding: Finding,
    *,
    position: Position | None,
    located: bool,
    place_id: UUID | None = None,
    region_code: str | None = None,
) -> Sighting:
    earlier = queries.find_sighting(person.id, request_key)
    if earlier is not None:
        return _same(earlier, source, place_id)
    _keep(
        person_id=person.id,
        at=clock.now(),
        source=source,
        finding=finding,
        place_id=place_id,
        region_code=region_code,
        position=position,
        located=located,
        request_key=request_key,
    )
    kept = queries.find_sighting(person.id, request_key)
    if kept is None:
        raise Conflict("itinerary.not_kept", "没有记下来，请再试一次。")
    _same(kept, source, place_id)
    emit(Sighted(kept.day, kept.id, person.id, proven=finding.presence is Presence.PROVEN))
    return kept


def _same(sighting: Sighting, source: Source, place_id: UUID | None) -> Sighting:
    if (sighting.source, sighting.place_id) != (source, place_id):
        raise Conflict("itinerary.key_reused", "这个请求编号已经用于另一次扫码，请刷新页面后重试。")
    return sighting


def see_by_officer(*, person_id: UUID, place: Spot, at: datetime, request_key: str, doubt: str | None = None) -> None:
    """An officer stood before this person at this place; the same key is the same meeting.

    `doubt` says why it proves nothing after all, such as a code that was shown elsewhere at the same time.
    """
    _keep(
        person_id=person_id,
        at=at,
        source=Source.OFFICER,
        finding=Finding(Presence.UNPROVEN, doubt) if doubt else rules.PROVEN,
        place_id=place.id,
        region_code=None if doubt else place.region_code,
        position=Position(place.lon, place.lat, place.radius_m),
        located=True,
        request_key=request_key,
    )


def note_sign(*, person_id: UUID, at: datetime) -> None:
    """A person's phone was heard of, without saying where: it ends silence."""
    db.session.execute(SIGN, {"person_id": person_id, "at": at})


def _keep(
    *,
    person_id: UUID,
    at: datetime,
    source: Source,
    finding: Finding,
    place_id: UUID | None,
    region_code: str | None,
    position: Position | None,
    located: bool,
    request_key: str,
) -> None:
    KEEP.run(
        {
            "day": clock.local(at).date(),
            "id": new_key(),
            "person_id": person_id,
            "at": at,
            "source": source,
            "presence": finding.presence,
            "doubt": finding.doubt,
            "place_id": place_id,
            "region_code": region_code,
            "lon": position.lon if position else None,
            "lat": position.lat if position else None,
            "accuracy_m": position.accuracy if position else None,
            "located": located,
            "request_key": request_key,
        },
    )
