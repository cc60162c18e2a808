"""The province's office at the sandbox: which colour its own code gives whom, and how its query misbehaves."""

import re
from http import HTTPStatus
from typing import cast

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for

from backend.sandbox.demo import DEMO_USERS
from backend.sandbox.faults import Kind, store
from backend.sandbox.province import CODE_NAME, COLOURS, ID_NUMBER, set_colour
from backend.sandbox.store import get_setting, set_setting

blueprint = Blueprint("office", __name__)

API = "phi/v1/health-query"
TROUBLES = {
    "busy": ("系统忙，下一次查询不答复", Kind.HTTP, "503"),
    "cut": ("答复中断，下一次查询收不全", Kind.DROP_REPLY, ""),
    "slow": ("很慢，下一次查询 8 秒后才答复", Kind.DELAY_REPLY, "8"),
}
NOTED = re.compile(r"[1-9][0-9]{16}[0-9X]")


@blueprint.get("/province")
def show(notice: str = "", status: HTTPStatus = HTTPStatus.OK) -> tuple[str, HTTPStatus]:
    """Everybody whose colour was set, and the form to set another."""
    with store().reading() as db:
        page = render_template(
            "province.html",
            rows=db.execute("select * from province order by rowid desc limit 50").fetchall(),
            known=[(found[0], user.name) for user in DEMO_USERS if (found := NOTED.findall(user.note))],
            colours=COLOURS,
            troubles={name: label for name, (label, _, _) in TROUBLES.items()},
            waiting=db.execute("select count(*) as n from fault where api = ? and times > 0", (API,)).fetchone()["n"],
            forged=get_setting(db, "province.forged") == "yes",
            code_name=CODE_NAME,
            notice=notice,
        )
    return page, status


def _back() -> Response:
    return cast("Response", redirect(url_for("office.show"), HTTPStatus.SEE_OTHER))


@blueprint.post("/province")
def set_one() -> Response | tuple[str, HTTPStatus]:
    """Give somebody this colour from now on."""
    number, colour = request.form.get("id_number", "").strip().upper(), request.form.get("colour", "")
    if not ID_NUMBER.fullmatch(number) or colour not in COLOURS:
        return show("请填 18 位身份证号，并选一个颜色。", HTTPStatus.UNPROCESSABLE_ENTITY)
    with store().writing() as db:
        set_colour(db, number, colour)
    return _back()


@blueprint.post("/province/trouble")
def trouble() -> Response:
    """The next query goes wrong; or from now on all answers are forged, or no more."""
    chosen = request.form.get("trouble", "")
    with store().writing() as db:
        if chosen in TROUBLES:
            _, kind, value = TROUBLES[chosen]
            db.execute("insert into fault (api, kind, value, times) values (?, ?, ?, 1)", (API, kind, value))
        else:
            set_setting(db, "province.forged", "yes" if chosen == "forged" else "")
    return _back()


@blueprint.post("/control/provinces")
def control() -> Response:
    """`{"id_number", "colour"}` sets somebody's colour; `{"forged": true}` spoils every signature from now on."""
    body = request.get_json()
    with store().writing() as db:
        if "forged" in body:
            set_setting(db, "province.forged", "yes" if body["forged"] else "")
        else:
            set_colour(db, str(body["id_number"]), str(body["colour"]))
    return jsonify()
