"""A photo of a certificate on paper beside an officer's reading: kept sealed for 14 days, each opening written down."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock, sealed_files
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.files import store
from healthcode.codes import queries
from healthcode.codes.models import Reading, ReadingPhoto
from healthcode.codes.photo_rules import LARGEST_PHOTO, MOST_PHOTOS, TAKEN_WITHIN, picture_type
from healthcode.codes.rules import CLOCK_SKEW
from healthcode.itinerary import queries as places

FIELD = "卡口拍的纸质证明"
PHOTOS_LOCK = 0x6C68_7068


def add_photo(
    *, reading_key: str, request_key: str, content: bytes, waited: timedelta, only_passes: bool, by: Acting
) -> ReadingPhoto:
    """Keep a photo of a certificate beside the officer's own reading of `reading_key`, taken `waited` ago.

    `only_passes` says that the person is in transit at this checkpoint, whose government then doesn't see it. The same
    `request_key` again is the same photo. Refuses: Invalid for what is too large or no picture, for a reading of
    nobody, and a photo that wasn't taken within an hour of it; NotFound for a reading that isn't this officer's;
    Conflict for a fourth, and when the key was used for another.
    """
    kind, digest = picture_type(content), hashlib.sha256(content).digest()
    if len(content) > LARGEST_PHOTO:
        raise Invalid("codes.photo", f"照片超过 {LARGEST_PHOTO // 1024 // 1024} MB，请重新拍一张。")
    if kind is None:
        raise Invalid("codes.photo", "这不是照片（JPG、PNG），请重新拍一张。")
    db.session.execute(select(func.pg_advisory_xact_lock(PHOTOS_LOCK, by.operator_id.int & 0x7FFFFFFF)))
    earlier = queries.find_photo(by, request_key)
    if earlier is not None:
        return _same(earlier, digest)
    reading, person_id = _reading(reading_key, by)
    taken_at = clock.now() - waited
    if not reading.at - CLOCK_SKEW <= taken_at <= reading.at + TAKEN_WITHIN:
        raise Invalid("codes.photo_when", "照片和这次查验对不上：请在扫码后一小时内拍，并核对手机时间。")
    if queries.count_photos(reading.id) >= MOST_PHOTOS:
        raise Conflict("codes.photos", f"一次查验最多拍 {MOST_PHOTOS} 张。")
    photo_id = new_key()
    place = places.get_place(reading.place_id, seen_by=by).name if reading.place_id else by.organisation_name
    photo = ReadingPhoto(
        id=photo_id,
        reading_id=reading.id,
        person_id=person_id,
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
        place=place,
        home_region=queries.home_of(person_id),
        place_region=None if only_passes else by.region_code,
        kind=kind,
        size=len(content),
        digest=digest,
        stored_as=f"photos/{photo_id}",
        request_key=request_key,
        taken_at=taken_at,
    )
    sealed_files.write(photo.stored_as, content)
    db.session.add(photo)
    db.session.flush()
    return photo


def _same(earlier: ReadingPhoto, digest: bytes) -> ReadingPhoto:
    if earlier.digest != digest:
        raise Conflict("codes.key_reused", "这个请求编号已经用于另一张照片，请重新拍。")
    return earlier


def _reading(reading_key: str, by: Acting) -> tuple[Reading, UUID]:
    reading = queries.find_reading(by, reading_key)
    if reading is None:
        raise NotFound
    if reading.person_id is None:
        raise Invalid("codes.photo_whose", "这次扫码没有认出是谁，照片不能保存。请重新扫健康码。")
    return reading, reading.person_id


def open_photo(*, photo_id: UUID, by: Acting) -> tuple[ReadingPhoto, bytes]:
    """A photo for a competent government's eyes; that it was opened is logged. Refuses: NotFound for other offices."""
    photo, person = queries.get_photo(photo_id, seen_by=by)
    accounts.log_access(
        subjects=[person.resident_id_index], by=by, purpose=f"核对纸质证明（{photo.place}拍摄）", fields=[FIELD]
    )
    return photo, sealed_files.read(photo.stored_as)


def open_own_photo(*, person: Person, photo_id: UUID) -> tuple[ReadingPhoto, bytes]:
    """A photo for the person whom it is about. Refuses: NotFound for another person's."""
    photo = queries.get_own_photo(person, photo_id)
    return photo, sealed_files.read(photo.stored_as)


def erase_photos(before: datetime) -> dict[str, int]:
    """Erase the photos that were taken before a moment, file and row."""
    due = db.session.scalars(
        select(ReadingPhoto).where(ReadingPhoto.taken_at < before).with_for_update(skip_locked=True)
    ).all()
    for photo in due:
        store().remove(photo.stored_as)
    db.session.execute(delete(ReadingPhoto).where(ReadingPhoto.id.in_([photo.id for photo in due])))
    return {"codes.reading_photo": len(due)}
