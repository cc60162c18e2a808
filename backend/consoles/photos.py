"""Photos of certificates on paper: taken on the checkpoint page, looked at by the competent government."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.guard import current_office, guard
from backend.consoles.pages import pages
from backend.core.errors import Invalid
from healthcode.codes import actions, queries
from healthcode.codes.appeal_rules import ENDINGS
from healthcode.codes.photo_rules import LARGEST_PHOTO
from healthcode.transfers import queries as transfers

Key = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
blueprint = pages("photos", __name__, Role.OFFICIAL, path="/photos")
api = guard(Blueprint("checkpoint_photos", __name__, url_prefix="/checkpoint/api/readings"), Role.OFFICER)


class PhotoIn(BaseModel):
    """To which scan a photo belongs, its own key, and how many seconds ago it was taken."""

    model_config = ConfigDict(extra="forbid")

    reading: Key
    photo: Key
    waited: Annotated[float, Field(ge=0, le=366 * 86400, allow_inf_nan=False)] = 0


@api.post("/<reading>/photos/<photo>")
def add(reading: str, photo: str) -> ResponseReturnValue:
    """Keep a photo (JPEG, PNG), sent as the body, beside a scan. The same photo's key again is the same photo."""
    try:
        sent = PhotoIn.model_validate({"reading": reading, "photo": photo, **request.args.to_dict()})
    except ValidationError as wrong:
        raise Invalid("invalid_input", "照片没有送达，请重新拍。") from wrong
    by = current_office()
    known = queries.find_reading(by, sent.reading)
    person_id = known.person_id if known else None
    kept = actions.add_photo(
        reading_key=sent.reading,
        request_key=sent.photo,
        content=request.stream.read(LARGEST_PHOTO + 1),
        waited=timedelta(seconds=sent.waited),
        only_passes=person_id is not None and transfers.only_passes(person_id, seen_by=by),
        by=by,
    )
    return jsonify(id=str(kept.id), size=kept.size), 201


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What officers photographed of people of the own region, and at the own region's checkpoints."""
    rows = queries.list_photos(seen_by=current_office(), after=lists.key_arg("after"), limit=lists.PAGE)
    return render_template("console/photos.html", rows=rows, onward=rows[-1][0].id if len(rows) == lists.PAGE else None)


@blueprint.get("/<uuid:photo_id>")
def show(photo_id: UUID) -> ResponseReturnValue:
    """A photo itself, to be saved, never shown by the browser as a page of this site; the person reads of it."""
    photo, content = actions.open_photo(photo_id=photo_id, by=current_office())
    response = Response(content, mimetype=photo.kind.value)
    name = f"纸质证明-{str(photo.id)[-4:]}.{ENDINGS[photo.kind]}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox")
    return response
