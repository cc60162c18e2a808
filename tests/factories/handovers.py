"""Receivers of a vehicle, for tests."""

import json

from backend.core.crypto import blind_index, unseal
from backend.core.transactions import transaction
from backend.notices.sign_in_codes import waiting_code
from healthcode.transfers import actions
from healthcode.transfers.boarding import MarkKind
from healthcode.transfers.handover import ANSWERS
from healthcode.transfers.models import Handover, Mark, Receiver
from tests.factories.boarding import Door

PHONE = "13812340001"
EMPLOYER = "昆山晨光电子（虚构）有限公司"
STROKES = json.dumps([[[40 + 8 * at, 120 + (at % 3) * 20] for at in range(40)], [[300, 40], [300, 200]]])


def name_receiver(door: Door, phone: str = PHONE, name: str = "周主管") -> Receiver:
    """Somebody of the employer, named by the destination."""
    with transaction():
        return actions.name_receiver(
            transfer=door.transfer, trip=door.trip, name=name, phone=phone, employer=EMPLOYER, by=door.destination
        )


def token_of(receiver: Receiver) -> str:
    """What stands in the SMS."""
    assert receiver.token is not None
    return unseal(receiver.token)


def code_for(phone: str) -> str:
    """The code that waits for a phone."""
    waiting = waiting_code(blind_index(phone, "phone").hex())
    assert waiting is not None
    return waiting[1]


def answer(
    door: Door, receiver: Receiver, number: int, kind: MarkKind = MarkKind.RECEIVED, words: str = "", key: str = ""
) -> Mark:
    """What the receiver says of somebody."""
    assert kind in ANSWERS
    with transaction():
        return actions.answer(
            receiver=receiver,
            entry_id=door.entry(number).id,
            kind=kind,
            words=words,
            key=key or f"{number}-{kind}-{words}",
        )


def sign(receiver: Receiver, strokes: str = STROKES, note: str = "") -> Handover:
    """The one signature."""
    with transaction():
        return actions.sign(receiver=receiver, strokes=strokes, note=note)
