"""Who is signed in to the consoles, for which office they act, and who may open what.

The session (a signed cookie) names an operator, the operator's epoch at sign-in, the chosen office and role, and when
it began. It ends after 12 hours, and at once when the operator is disabled, the epoch is raised or the membership is
taken away, because all of that is looked up anew at each request.
"""

from datetime import datetime
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, request, session, url_for
from flask.sansio.blueprints import Blueprint as SansioBlueprint
from flask.typing import ResponseReturnValue

from backend.accounts import queries
from backend.accounts.acting import Acting
from backend.accounts.models import Operator
from backend.accounts.rules import SESSION_LIFE, Role
from backend.consoles.devices import check_device
from backend.core import clock
from backend.core.errors import Forbidden, Unauthenticated
from backend.core.refusals import wants_json

SIGN_IN_FIRST = "您还没有登录，或登录已过期，请重新登录。"


def guard(blueprint: Blueprint, *roles: Role) -> Blueprint:
    """Let only operators who act in one of these roles into a blueprint; without a role nobody gets in."""
    setattr(blueprint, "linghuo_roles", frozenset(roles))  # noqa: B010 - Flask's class has no such attribute to declare
    blueprint.before_request(_check)
    return blueprint


def roles_of(blueprint: SansioBlueprint | None) -> frozenset[Role]:
    """The roles that a guarded blueprint lets in; none for one without a guard."""
    roles: frozenset[Role] = getattr(blueprint, "linghuo_roles", frozenset())
    return roles


def _check() -> ResponseReturnValue | None:
    """Set `g.acting`, or turn the request away.

    Refuses: Unauthenticated (pages lead to the sign-in instead), also for a temporary officer on another phone;
    Forbidden for another role.
    """
    offices = signed_in_offices()
    if not offices:
        return _ask_to_sign_in()
    acting = chosen_office(offices)
    if acting is None:
        return redirect(url_for("sign_in.choose", next=request.full_path.rstrip("?")))
    if acting.role not in roles_of(current_app.blueprints.get(request.blueprint or "")):
        raise Forbidden(
            "consoles.not_your_role", "您当前的单位或岗位不能使用这个页面。如果您属于多个单位，请先在页面上方切换单位。"
        )
    if acting.role is Role.HELPER:
        check_device(acting)
    g.acting, g.offices = acting, offices
    return None


def current_office() -> Acting:
    """Who acts and for which office, behind the guard."""
    return cast("Acting", g.acting)


def signed_in_offices() -> list[Acting]:
    """The offices in which the signed-in operator may act; empty when nobody is signed in or the session has ended."""
    if not (began := session.get("began")) or clock.now() >= datetime.fromisoformat(began) + SESSION_LIFE:
        return []
    return queries.list_acting(UUID(session["operator"]), epoch=session["epoch"])


def chosen_office(offices: list[Acting]) -> Acting | None:
    """The office of the session; the only one when there is but one."""
    chosen = session.get("office")
    if chosen is None and len(offices) == 1:
        return offices[0]
    return next((office for office in offices if office_key(office) == chosen), None)


def office_key(acting: Acting) -> str:
    """What the session and the office switch call an office and role."""
    return f"{acting.organisation_id.hex}.{acting.role}"


def begin_session(operator: Operator) -> None:
    """A fresh session for an operator whose password was right; nothing of an older one stays."""
    session.clear()
    session.permanent = True
    session["operator"] = operator.id.hex
    session["epoch"] = operator.session_epoch
    session["began"] = clock.now().isoformat()


def choose_office(key: str) -> Acting:
    """Act for another of the own offices from now on. Refuses: Forbidden when it isn't one of them."""
    found = next((office for office in signed_in_offices() if office_key(office) == key), None)
    if found is None:
        raise Forbidden("consoles.not_your_office", "您不属于这个单位，请从列表里选择。")
    session["office"] = key
    return found


def end_session() -> None:
    """Nobody is signed in here any more."""
    session.clear()


def _ask_to_sign_in() -> ResponseReturnValue:
    session.clear()
    if wants_json():
        raise Unauthenticated("consoles.signed_out", SIGN_IN_FIRST)
    here = request.full_path.rstrip("?") if request.method == "GET" else ""
    if request.headers.get("HX-Request"):
        page = local_path(urlsplit(request.headers.get("HX-Current-URL", "")).path)
        return "", 401, {"HX-Redirect": url_for("sign_in.show", next=page)}
    return redirect(url_for("sign_in.show", next=here or None))


def local_path(path: str) -> str:
    """A path of this site to go on to after signing in; anything else becomes the start page."""
    parts = urlsplit(path)
    own = path.startswith(("/console", "/checkpoint")) and not parts.scheme and not parts.netloc
    return path if own and "\\" not in path and path.isprintable() else "/console/"
