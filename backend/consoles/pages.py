"""How a group of console pages is made: guarded, with refused forms shown again, in the one layout."""

import json
from typing import Any

from flask import Blueprint, g

from backend.accounts.rules import OrganisationKind, Role
from backend.consoles.forms import show_refusal
from backend.consoles.guard import guard, office_key
from backend.consoles.menu import menu_of
from backend.core import clock
from backend.core.errors import Refused

ROLE_NAMES = {
    Role.OFFICIAL: "经办人",
    Role.OFFICER: "查验员",
    Role.ADMINISTRATOR: "平台管理员",
    Role.EMPLOYER: "用工专员",
    Role.HELPER: "临时查验员",
    Role.SUPERVISOR: "监管员",
}
KIND_NAMES = {
    OrganisationKind.GOVERNMENT: "主管部门",
    OrganisationKind.CHECKPOINT: "卡口",
    OrganisationKind.ENTERPRISE: "企业",
    OrganisationKind.BANK: "银行",
    OrganisationKind.REGULATOR: "监管部门",
    OrganisationKind.INSURER: "保险公司",
    OrganisationKind.PLATFORM: "平台",
}
HTMX = json.dumps(
    {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "allowScriptTags": False,
        "selfRequestsOnly": True,
        # Without "style": the policy forbids such an attribute, also one that the browser left empty.
        "attributesToSettle": ["class", "width", "height"],
        "historyCacheSize": 0,
        "timeout": 20_000,
    }
)
"""htmx under a strict Content-Security-Policy; no page with personal data is kept in the browser's storage."""


def pages(name: str, module: str, *roles: Role, path: str) -> Blueprint:
    """A blueprint below `/console` for these roles."""
    blueprint = Blueprint(name, module, url_prefix=f"/console{path}")
    blueprint.register_error_handler(Refused, show_refusal)
    blueprint.context_processor(layout_values)
    return guard(blueprint, *roles)


def layout_values() -> dict[str, Any]:
    """What the layout shows of who is signed in; nothing on pages outside the guard."""
    acting = g.get("acting")
    return {
        "acting": acting,
        "offices": g.get("offices", []),
        "office_key": office_key,
        "menu": menu_of(acting) if acting else (),
        "role_names": ROLE_NAMES,
        "printed_at": clock.now(),
        "htmx_config": HTMX,
    }
