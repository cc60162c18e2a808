"""What every list shares: filters and place in the URL, read strictly and written back."""

from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import request

from backend.core.errors import Invalid

Choice = TypeVar("Choice", bound=StrEnum)
PAGE = 50
LONGEST_SEARCH = 50
PLACE = "after"


def text_arg(name: str, longest: int = LONGEST_SEARCH) -> str:
    """A search text, at most so many characters of it."""
    return request.args.get(name, "").replace("\0", "").strip()[:longest]


def choice_arg(name: str, kind: type[Choice]) -> Choice | None:
    """One of a set of values, None when not given. Refuses: Invalid for another value."""
    value = request.args.get(name, "")
    if not value:
        return None
    try:
        return kind(value)
    except ValueError as wrong:
        raise _unknown() from wrong


def key_arg(name: str) -> UUID | None:
    """An id, None when not given. Refuses: Invalid for what is none."""
    value = request.args.get(name, "")
    return read_key(value) if value else None


def read_key(value: str) -> UUID:
    """An id from a form or address. Refuses: Invalid for what is none."""
    try:
        return UUID(value)
    except ValueError as wrong:
        raise _unknown() from wrong


def flag_arg(name: str) -> bool | None:
    """yes, no, or None when not given. Refuses: Invalid for another value."""
    value = request.args.get(name, "")
    if value not in {"", "yes", "no"}:
        raise _unknown()
    return {"yes": True, "no": False}.get(value)


def _unknown() -> Invalid:
    return Invalid("consoles.filter", "页面里的选项不对，请回到列表重新选择。")


def url_with(**changes: object) -> str:
    """The address of this page with some parameters changed; a changed filter begins at the first page again."""
    kept = {name: value for name, value in request.args.items() if name != PLACE and value}
    kept |= {name: str(value) for name, value in changes.items() if value is not None}
    given = {name: value for name, value in kept.items() if not (name in changes and changes[name] in {None, ""})}
    return f"{request.path}?{urlencode(given)}" if given else request.path
