"""The text of a place code: an ordinary https link, so that any scanner opens the mini program with it."""

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from backend.core.errors import Invalid
from healthcode.itinerary.rotating import CODE, Rotating

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
TOKEN_BYTES = 16
MAX_TEXT = 1000


def poster_url(base_url: str, token: str) -> str:
    """What a poster's QR holds."""
    return f"{base_url}/p/{token}"


class PlaceCode(NamedTuple):
    """What a place code names: a poster, and on a screen the minute with its proof."""

    token: str
    rotating: Rotating | None


def read(text: str, base_url: str) -> PlaceCode:
    """The code in a scanned text: our link, the link as the mini program's `q` carries it, or its last part alone.

    Refuses: Invalid("itinerary.…") for nothing, for a health code, for codes of other systems and for links to
    elsewhere that only look like ours.
    """
    plain = text[:MAX_TEXT].strip()
    if not plain:
        raise Invalid("itinerary.empty", "没有扫到内容，请对准场所码再扫一次。")
    if plain.upper().startswith("LH1:"):
        raise Invalid("itinerary.health_code", "这是健康码，不是场所码。请扫墙上张贴的场所码。")
    if plain.lower().startswith(("https%3a", "http%3a")):
        plain = unquote(plain)
    return _code(plain) or _code_of_link(plain, base_url)


def _code(text: str) -> PlaceCode | None:
    if TOKEN.fullmatch(text):
        return PlaceCode(text, None)
    if shown := CODE.fullmatch(text):
        return PlaceCode(shown["token"], Rotating(int(shown["minute"]), shown["mac"]))
    return None


def _code_of_link(link: str, base_url: str) -> PlaceCode:
    ours = urlsplit(base_url)
    try:
        parts = urlsplit(link)
        same = (parts.scheme, parts.hostname, parts.port) == (ours.scheme, ours.hostname, ours.port)
    except ValueError:
        parts, same = None, False
    code = _code(parts.path.removeprefix(f"{ours.path}/p/")) if parts else None
    if same and code:
        return code
    if same:
        raise Invalid("itinerary.cut", "场所码不完整，请对准整个二维码再扫一次。")
    raise Invalid("itinerary.other_system", "这不是本平台的场所码，可能是别的系统的码。请扫贴有“灵活”字样的场所码。")
