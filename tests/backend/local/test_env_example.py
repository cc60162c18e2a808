"""`.env.example` is the list of settings that people read: it must be whole and true."""

import re
from pathlib import Path

import pytest

from backend.core.config import Config

TEXT = (Path(__file__).parents[3] / ".env.example").read_text(encoding="utf-8")
NAMES = re.findall(r"^(?:# )?([A-Z_]+)=", TEXT, re.MULTILINE)
SET = dict(re.findall(r"^([A-Z_]+)=(.*)$", TEXT, re.MULTILINE))


def test_every_setting_is_there_and_no_other() -> None:
    assert set(NAMES) == {name.upper() for name in Config.model_fields}


@pytest.mark.parametrize("name", sorted(SET))
def test_what_stands_there_is_the_default(name: str) -> None:
    field = Config.model_fields[name.lower()]
    default = field.get_default(call_default_factory=True, validated_data={})
    shown = default.get_secret_value() if hasattr(default, "get_secret_value") else str(default)

    assert SET[name] == ("false" if shown == "False" else shown)
