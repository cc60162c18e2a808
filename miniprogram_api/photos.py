"""Photos of certificates on paper that officers took of the person."""

import base64
from datetime import datetime
from uuid import UUID

from pydantic import Field

from healthcode.codes import actions, queries
from miniprogram_api.guard import held, worker
from miniprogram_api.schemas import Answer, many


class PhotoOut(Answer):
    id: UUID
    taken_at: datetime
    office: str = Field(examples=["铜仁站查验点"])
    place: str = Field(examples=["铜仁站东门"])
    size: int = Field(description="Bytes.")


class PictureOut(Answer):
    kind: str = Field(examples=["image/jpeg"])
    content: str = Field(description="The photo in base64.")


@worker.get("/people/<uuid:person_id>/photos")
@worker.output(many(PhotoOut))
def list_photos(person_id: UUID) -> list[PhotoOut]:
    """卡口拍的证明 Which certificates on paper officers photographed; each is erased after 14 days."""
    return [
        PhotoOut(id=photo.id, taken_at=photo.taken_at, office=office, place=photo.place, size=photo.size)
        for photo, office in queries.photos_of(held(person_id))
    ]


@worker.get("/people/<uuid:person_id>/photos/<uuid:photo_id>")
@worker.output(PictureOut)
def show_photo(person_id: UUID, photo_id: UUID) -> PictureOut:
    """一张照片 The photo itself."""
    photo, content = actions.open_own_photo(person=held(person_id), photo_id=photo_id)
    return PictureOut(kind=photo.kind.value, content=base64.b64encode(content).decode())
