"""Where a checkpoint's QR leads: a helper types the own name and number, an SMS code binds the phone for one shift."""

import base64
import binascii

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts.queries import get_organisation
from backend.consoles.forms import show_refusal, shows_again, typed
from backend.consoles.guard import begin_session
from backend.consoles.pages import layout_values
from backend.core.errors import Invalid, Refused
from healthcode.codes import actions, queries
from healthcode.itinerary import queries as itinerary

blueprint = Blueprint("joining", __name__, url_prefix="/join")
blueprint.register_error_handler(Refused, show_refusal)
blueprint.context_processor(layout_values)


def _page(token: str, refused: Refused | None = None, *, sent: bool = False) -> str:
    helper = queries.find_invitation(token)
    return render_template(
        "console/join.html",
        helper=helper,
        office=get_organisation(helper.organisation_id).name if helper else "",
        place=itinerary.place_name(helper.place_id) if helper else "",
        token=token,
        sent=sent or request.endpoint == "joining.join" or bool(refused and refused.code == "too_many"),
        name=typed("name"),
        phone=typed("phone"),
        refused=refused,
    )


@blueprint.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """For which checkpoint and until when; or that the QR is used."""
    return _page(token)


@blueprint.post("/<token>/code")
@shows_again(_page)
def ask_code(token: str) -> ResponseReturnValue:
    """Send the code to the number that was typed."""
    actions.ask_helper_code(token=token, name=typed("name"), phone=typed("phone"))
    return _page(token, sent=True)


@blueprint.post("/<token>")
@shows_again(_page)
def join(token: str) -> ResponseReturnValue:
    """The code makes this phone the temporary officer's until the shift's end."""
    operator = actions.join(
        token=token, name=typed("name"), phone=typed("phone"), code=typed("code"), device_key=_device_key()
    )
    begin_session(operator)
    return redirect(url_for("checkpoint_shell.home"))


def _device_key() -> bytes:
    try:
        return base64.urlsafe_b64decode(typed("device_key") + "==")
    except (ValueError, binascii.Error) as wrong:
        raise Invalid("accounts.device_key", "这部手机的浏览器不能加入，请换用微信或系统浏览器打开。") from wrong
