"""Signing in and out, choosing the office, and the consoles' own static files: what needs no sign-in yet."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions
from backend.accounts.rules import Role
from backend.consoles import guard
from backend.consoles.forms import show_refusal, shows_again, typed
from backend.consoles.lists import url_with
from backend.consoles.pages import ROLE_NAMES
from backend.core.errors import Forbidden, Invalid, Refused

blueprint = Blueprint(
    "sign_in", __name__, template_folder="templates", static_folder="static", static_url_path="/console/static"
)
blueprint.register_error_handler(Refused, show_refusal)
blueprint.add_app_template_global(url_with)


def _form(refused: Refused | None = None) -> str:
    onward = guard.local_path(request.values.get("next", ""))
    return render_template("console/sign_in.html", refused=refused, onward=onward, username=typed("username"))


@blueprint.get("/")
def front() -> ResponseReturnValue:
    """Who comes to the bare address is of an office: workers come by the mini program or a link."""
    return redirect(url_for("home.show"))


@blueprint.get("/console/sign-in")
def show() -> ResponseReturnValue:
    """The form; who is signed in already goes on. A temporary officer isn't by name, and would only be sent back."""
    if any(office.role is not Role.HELPER for office in guard.signed_in_offices()):
        return redirect(guard.local_path(request.args.get("next", "")))
    return _form()


@blueprint.post("/console/sign-in")
@shows_again(_form)
def sign_in() -> ResponseReturnValue:
    """Check name and password; an operator of several offices chooses one next."""
    username, password = typed("username"), request.form.get("password", "")
    if not username or not password:
        raise Invalid("consoles.sign_in_empty", "请填写用户名和密码。")
    guard.begin_session(actions.sign_in_operator(username=username, password=password))
    if not guard.signed_in_offices():
        raise Forbidden("consoles.no_office", "您的账号还没有加入任何单位，请联系平台管理员。")
    return redirect(guard.local_path(request.form.get("next", "")))


@blueprint.post("/console/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session on this device."""
    guard.end_session()
    flash("您已退出登录。")
    return redirect(url_for("sign_in.show"))


@blueprint.get("/console/offices")
def choose() -> ResponseReturnValue:
    """The own offices, to pick the one to act for."""
    offices = guard.signed_in_offices()
    if not offices:
        return redirect(url_for("sign_in.show"))
    return render_template(
        "console/offices.html",
        offices=offices,
        acting=guard.chosen_office(offices),
        office_key=guard.office_key,
        role_names=ROLE_NAMES,
        onward=guard.local_path(request.args.get("next", "")),
    )


@blueprint.post("/console/offices")
def switch() -> ResponseReturnValue:
    """Act for another of the own offices; goes on to the start page, for the page left may not be this office's."""
    if not guard.signed_in_offices():
        return redirect(url_for("sign_in.show"))
    chosen = guard.choose_office(request.form.get("office", ""))
    flash(f"现在代表：{chosen.organisation_name}。")
    return redirect(guard.local_path(request.form.get("next", "")))
