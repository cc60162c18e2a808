"""Printed identity cards on the checkpoint page: for officers on a shift, not for temporary ones."""

from typing import Annotated

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from backend.accounts.rules import Role
from backend.consoles.checkpoint import as_seen_here, read_sent, told
from backend.consoles.guard import current_office, guard
from healthcode.codes import actions

api = guard(Blueprint("checkpoint_cards", __name__, url_prefix="/checkpoint/api/cards"), Role.OFFICER)


class CardIn(BaseModel):
    """A printed identity card as it was scanned."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=4000)]
    request_key: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]


@api.post("")
def show() -> ResponseReturnValue:
    """The verdict on whoever showed a card, during a shift; outcome and next step alone of who is only in transit.

    The same `request_key` again is the same showing.
    """
    sent, by = read_sent(CardIn, "扫卡内容没有送达，请重新扫描。"), current_office()
    result = actions.show_card(text=sent.text, by=by, request_key=sent.request_key)
    return jsonify(told(as_seen_here(result, by)))
