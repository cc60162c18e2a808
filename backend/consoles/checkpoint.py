"""The checkpoint page `/checkpoint/`: an installable client for officers, and the few endpoints that it speaks to.

The page and its files are the same for everybody and hold no data, so that they open without a network; whoever isn't
signed in as an officer is sent to the sign-in by the page, and gets nothing from the endpoints.
"""

import base64
import gzip
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from backend.accounts.acting import Acting
from backend.accounts.rules import Role
from backend.consoles.guard import current_office, guard
from backend.core.errors import Invalid, NotFound
from backend.regions import names
from healthcode.codes import actions
from healthcode.codes import queries as codes
from healthcode.codes.card_text import is_card
from healthcode.codes.helper_rules import HELPER
from healthcode.codes.outcomes import ReadResult
from healthcode.codes.rules import COLOUR_NAMES, OUTCOME_NAMES
from healthcode.codes.transit_rules import verdict_only
from healthcode.itinerary import queries as itinerary
from healthcode.transfers import queries as transfers

STATIC = Path(__file__).parent / "static" / "checkpoint"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
NOT_KEPT = {"service_worker.js", "icon-512.png"}
LIBRARIES = ("/assets/qr/index.js", "/assets/qr/decode.js")
MOST_PLACES = 200
Sent = TypeVar("Sent", bound=BaseModel)

shell = Blueprint("checkpoint_shell", __name__, url_prefix="/checkpoint", template_folder="templates")
api = guard(Blueprint("checkpoint", __name__, url_prefix="/checkpoint/api"), Role.OFFICER, Role.HELPER)


class ScanIn(BaseModel):
    """One scan as the page sends it. Times are the phone's own."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=4000)]
    place_id: UUID | None
    request_key: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
    phone_time: AwareDatetime
    waited: Annotated[float, Field(ge=0, le=366 * 86400, allow_inf_nan=False)] = 0
    """Seconds since the scan was made, for those that waited for a network."""


@api.post("/scans")
def scan() -> ResponseReturnValue:
    """Read a scanned text. The same `request_key` again is the same scan."""
    sent = read_sent(ScanIn, "扫码内容没有送达，请重新扫描。")
    result = actions.read_code(
        text=sent.text,
        by=current_office(),
        place_id=_place(sent.place_id),
        request_key=sent.request_key,
        phone_time=sent.phone_time,
        waited=timedelta(seconds=sent.waited),
    )
    return jsonify(told(as_seen_here(result, current_office())))


def as_seen_here(result: ReadResult, by: Acting) -> ReadResult:
    """What this officer may be told: outcome and next step alone of whoever is only in transit."""
    person_id = result.person_id
    passing = person_id is not None and transfers.only_passes(person_id, seen_by=by, home=result.home)
    return verdict_only(result) if passing else result


class TemperatureIn(BaseModel):
    """A temperature of whoever showed the code, in degrees Celsius."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=4000)]
    place_id: UUID | None
    request_key: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
    temperature: Annotated[float, Field(ge=34, le=43, allow_inf_nan=False)]
    waited: Annotated[float, Field(ge=0, le=366 * 86400, allow_inf_nan=False)] = 0
    """Seconds since it was taken, for those that waited for a network."""


@api.post("/temperatures")
def take_temperature() -> ResponseReturnValue:
    """Keep a temperature of whoever showed a code. The same `request_key` again is the same temperature.

    The colour beside a card is told by showing it, which is counted and written down, and not here.
    """
    sent = read_sent(TemperatureIn, "请填写 34.0 到 43.0 之间的体温。")
    taken, verdict = actions.measure_by_code(
        text=sent.text,
        by=current_office(),
        place_id=_place(sent.place_id),
        temperature=round(sent.temperature * 10),
        request_key=sent.request_key,
        waited=timedelta(seconds=sent.waited),
    )
    if is_card(sent.text) or transfers.only_passes(taken.person_id, seen_by=current_office()):
        return jsonify(fever=taken.is_fever, colour_name="", reason="")
    return jsonify(fever=taken.is_fever, colour_name=COLOUR_NAMES[verdict.colour], reason=verdict.fact)


def _place(chosen: UUID | None) -> UUID | None:
    """Where the officer stands: as chosen on the page; a temporary one at the place of the shift, whatever was sent."""
    by = current_office()
    return codes.find_post(by.operator_id)[0].place_id if by.role is Role.HELPER else chosen


def read_sent(kind: type[Sent], otherwise: str) -> Sent:
    """What the page sent. Refuses: Invalid with this sentence."""
    try:
        return kind.model_validate_json(request.get_data())
    except ValidationError as wrong:
        fields = {".".join(map(str, fault["loc"])): "内容不对。" for fault in wrong.errors(include_url=False)}
        raise Invalid("invalid_input", otherwise, fields=fields) from wrong


def told(result: ReadResult) -> dict[str, object]:
    """A result as the page reads it."""
    return {
        "outcome": result.outcome,
        "outcome_name": OUTCOME_NAMES[result.outcome],
        "fault": result.fault,
        "colour": result.colour,
        "colour_name": COLOUR_NAMES[result.colour] if result.colour else "",
        "reason": result.reason,
        "next_step": result.next_step,
        "first_character": result.first_character,
        "last_four": result.last_four,
        "issuer_name": _issuer_name(result.issuer) if result.issuer else "",
        "warning": result.warning,
        "read_at": result.read_at.isoformat(),
    }


@cache
def _issuer_name(issuer: str) -> str:
    """铜仁, as officers call an issuer; there are few."""
    return names.short_name(issuer)


@api.get("/keys")
def list_keys() -> ResponseReturnValue:
    """The issuers' public keys for checking codes without a network, signed and dated; and who may sign such lists."""
    given = actions.sign_keys()
    point = given.signer.key.public_key().public_numbers()
    x, y = (_base64url(coordinate.to_bytes(32, "big")) for coordinate in (point.x, point.y))
    return jsonify(
        list=_base64(given.signed),
        signers=[_base64(vouched) for vouched in given.vouched],
        signer={"kid": given.signer.kid.hex(), "x": x, "y": y},
    )


@api.get("/denied")
def list_denied() -> ResponseReturnValue:
    """The pseudonyms of codes that were given ahead and are good no more, signed and dated."""
    return jsonify(list=_base64(actions.sign_denied()))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@api.get("/time")
def tell_time() -> ResponseReturnValue:
    """The server's time, signed together with the asker's nonce so that an old answer can't be played again."""
    nonce = request.args.get("nonce", "")
    if not 16 <= len(nonce) <= 64 or not nonce.isalnum() or not nonce.isascii():  # noqa: PLR2004 - as the sentence says
        raise Invalid("checkpoint.nonce", "校时请求不对：nonce 须为 16 到 64 位字母或数字。")
    return jsonify(time=actions.sign_time(nonce=nonce.encode()))


@api.get("/places")
def list_places() -> ResponseReturnValue:
    """Who is signed in, and the places where they may stand."""
    office = current_office()
    if office.role is Role.HELPER:
        return jsonify(_post_of(office))
    places = [
        {"id": str(place.id), "name": place.name, "region_name": names.short_name(place.region_code)}
        for place, _ in itinerary.list_places(seen_by=office, limit=MOST_PLACES)
    ]
    return jsonify(
        operator={"id": str(office.operator_id), "name": office.operator_name},
        office={"id": str(office.organisation_id), "name": office.organisation_name},
        places=places,
        until=None,
    )


def _post_of(helper: Acting) -> dict[str, object]:
    """A temporary officer's one place, and until when."""
    post, place = codes.find_post(helper.operator_id)
    return {
        "operator": {"id": str(helper.operator_id), "name": f"{HELPER} {post.name_mask}"},
        "office": {"id": str(helper.organisation_id), "name": helper.organisation_name},
        "places": [
            {"id": str(place.id), "name": place.name, "region_name": names.short_name(place.region_code)},
        ],
        "until": post.until.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent, packed with gzip, and the digest of its content."""

    content: bytes
    packed: bytes
    digest: str
    mimetype: str


@shell.get("/")
def home() -> ResponseReturnValue:
    """The page itself."""
    return _answer(_file(render_template("checkpoint/page.html").encode(), "text/html"))


@shell.get("/files.json")
def list_files() -> ResponseReturnValue:
    """What the service worker keeps, and the digest of it all."""
    own = _static()
    parts = [render_template("checkpoint/page.html"), *(f"{name} {file.digest}" for name, file in own.items())]
    return jsonify(
        version=hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16],
        files=["/checkpoint/", *(f"/checkpoint/{name}" for name in own if name not in NOT_KEPT), *LIBRARIES],
    )


@shell.get("/<path:name>")
def send(name: str) -> ResponseReturnValue:
    """One of the page's files. Refuses: NotFound."""
    file = _static().get(name)
    if file is None:
        raise NotFound
    return _answer(file)


@cache
def _static() -> dict[str, File]:
    """All files by their path below `/checkpoint/`, packed once."""
    return {
        path.relative_to(STATIC).as_posix(): _file(path.read_bytes(), TYPES[path.suffix])
        for path in sorted(STATIC.rglob("*"))
        if path.suffix in TYPES
    }


def _file(content: bytes, mimetype: str) -> File:
    packed = gzip.compress(content, compresslevel=9, mtime=0)
    return File(content, packed, hashlib.sha256(content).hexdigest()[:32], mimetype)


def _answer(file: File) -> ResponseReturnValue:
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(file.packed if packed else file.content, mimetype=file.mimetype)
    response.set_etag(file.digest + ("-gzip" if packed else ""))
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "no-cache"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response.make_conditional(request)
