"""What people call the witnesses, and what stands in records: the same words on our pages and on the verifier's.

They lie with the verifier's page (`static/verify/words.json`); whatever has no word there is shown as it is.
"""

import json
import re
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from backend.core.clock import shown

TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00:00", re.ASCII)
FILE = Path(__file__).parent / "static" / "verify" / "words.json"


@cache
def load() -> dict[str, Any]:
    """The witnesses' names, and for each kind of record its title, its fields and the values that are codes."""
    words: dict[str, Any] = json.loads(FILE.read_bytes())
    return words


def name_witness(name: str) -> str:
    """A witness of a policy as people call it."""
    return str(load()["witnesses"].get(name, name))


def name_field(kind: str, field: str) -> str:
    """A field of a record of this kind."""
    return str(_of(kind, "fields").get(field, field))


def name_value(kind: str, value: str) -> str:
    """A value in a record of this kind: a code with its word, a time as people in China read it."""
    word = _of(kind, "values").get(value)
    if word is None and TIME.fullmatch(value):
        with suppress(ValueError):
            word = shown(datetime.fromisoformat(value))
    return f"{word}（{value}）" if word else value


def _of(kind: str, part: str) -> dict[str, str]:
    words: dict[str, str] = load()["kinds"].get(kind, {}).get(part, {})
    return words
