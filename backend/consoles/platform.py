"""The platform's administrator: organisations and operators, no people."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions, queries
from backend.accounts.models import Operator, Organisation
from backend.accounts.rules import ROLES_OF, OrganisationKind, Role
from backend.consoles import lists
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import KIND_NAMES, ROLE_NAMES, pages
from backend.core.errors import Conflict, Invalid, NotFound, Refused
from backend.regions import names as regions

blueprint = pages("platform", __name__, Role.ADMINISTRATOR, path="/platform")


def _organisations(refused: Refused | None = None) -> str:
    kind, search = lists.choice_arg("kind", OrganisationKind), lists.text_arg("search")
    return render_template(
        "console/organisations.html",
        rows=queries.list_organisations(kind, search),
        most=queries.PAGE,
        kind_names=KIND_NAMES,
        region_name=regions.full_name,
        refused=refused,
    )


@blueprint.get("/organisations")
def organisations() -> ResponseReturnValue:
    """All organisations by name, and a form for a new one."""
    return _organisations()


@blueprint.post("/organisations")
@shows_again(_organisations)
def create_organisation() -> ResponseReturnValue:
    """Create one. Refuses: Invalid for an unknown kind or region and an empty name."""
    name, region_code = typed("name"), typed("region_code")
    if not name:
        raise Invalid("consoles.name", "请填写单位全称。", fields={"name": "必填。"})
    if regions.find(region_code) is None:
        raise Invalid("consoles.region", "请从列表里选择所在地区。", fields={"region_code": "请选择地区。"})
    kind = _kind(typed("kind"))
    made = actions.create_organisation(kind=kind, name=name, region_code=regions.current(region_code))
    flash(f"已创建“{made.name}”。接下来请为它创建操作员。")
    return redirect(url_for("platform.operators", organisation=made.id))


def _kind(value: str) -> OrganisationKind:
    try:
        return OrganisationKind(value)
    except ValueError as wrong:
        raise Invalid("consoles.kind", "请选择单位类别。", fields={"kind": "请选择。"}) from wrong


def _operators(refused: Refused | None = None) -> str:
    chosen = lists.key_arg("organisation")
    return render_template(
        "console/operators.html",
        rows=queries.list_operators(),
        choices=[o for o in queries.list_organisations() if o.kind in ROLES_OF],
        chosen=chosen,
        role_names=ROLE_NAMES,
        refused=refused,
    )


@blueprint.get("/operators")
def operators() -> ResponseReturnValue:
    """All operators with their offices, and a form for a new one."""
    return _operators()


@blueprint.post("/operators")
@shows_again(_operators)
def create_operator() -> ResponseReturnValue:
    """Create an operator in an office, in the role that this kind of office has."""
    username, name = typed("username"), typed("name")
    if not username.isascii() or not username.isalnum():
        raise Invalid("consoles.username", "用户名只能用字母和数字。", fields={"username": "只能用字母和数字。"})
    if not name:
        raise Invalid("consoles.name", "请填写操作员姓名。", fields={"name": "必填。"})
    office, role = _office_and_role()
    operator = actions.create_operator(username=username, name=name, password=request.form.get("password", ""))
    actions.add_membership(operator=operator, organisation=office, role=role)
    flash(f"已创建操作员“{name}”（{office.name}，{ROLE_NAMES[role]}）。请当面告知初始密码。")
    return redirect(url_for("platform.operators"))


def _office_and_role() -> tuple[Organisation, Role]:
    """The chosen office with the role that its kind has."""
    office = queries.get_organisation(lists.read_key(typed("organisation")))
    role = next(iter(ROLES_OF.get(office.kind, ())), None)
    if role is None:
        raise Invalid("consoles.no_role", "这类单位现在还没有可用的岗位。", fields={"organisation": "请换一个单位。"})
    return office, role


def _operator(operator_id: UUID, refused: Refused | None = None) -> str:
    rows = [row for row in queries.list_operators() if row[0].id == operator_id]
    if not rows:
        raise NotFound
    return render_template(
        "console/operator.html",
        operator=rows[0][0],
        rows=rows,
        choices=[o for o in queries.list_organisations() if o.kind in ROLES_OF],
        own=operator_id == current_office().operator_id,
        role_names=ROLE_NAMES,
        refused=refused,
    )


@blueprint.get("/operators/<uuid:operator_id>")
def operator(operator_id: UUID) -> ResponseReturnValue:
    """One operator with the offices they may act for."""
    return _operator(operator_id)


@blueprint.post("/operators/<uuid:operator_id>/offices")
@shows_again(_operator)
def add_office(operator_id: UUID) -> ResponseReturnValue:
    """Let an operator act for one more office."""
    office, role = _office_and_role()
    actions.add_membership(operator=_active(operator_id), organisation=office, role=role)
    flash(f"已加入“{office.name}”。")
    return redirect(url_for("platform.operator", operator_id=operator_id))


@blueprint.post("/operators/<uuid:operator_id>/disable")
@shows_again(_operator)
def disable(operator_id: UUID) -> ResponseReturnValue:
    """Somebody left: no more sign-ins, and every open session ends. Refuses: Conflict for oneself."""
    if operator_id == current_office().operator_id:
        raise Conflict("consoles.oneself", "不能停用自己，请由另一位平台管理员操作。")
    leaving = _active(operator_id)
    actions.disable_operator(operator=leaving)
    flash(f"已停用“{leaving.name}”，其所有登录已立即失效。")
    return redirect(url_for("platform.operator", operator_id=operator_id))


def _active(operator_id: UUID) -> Operator:
    found = queries.get_operator(operator_id)
    if found is None:
        raise NotFound
    return found
