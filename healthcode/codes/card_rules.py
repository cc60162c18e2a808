"""Printed identity cards of people without a phone: how long they last, what may be wrong with one, how often. Pure.

A card says who somebody is and nothing of health: the colour is asked for at each showing.
"""

from datetime import datetime, timedelta
from enum import StrEnum

CARD_LIFE = timedelta(days=90)
"""From the village to the first weeks at work; whoever still needs one then gets another."""
CARDS_KEPT_DAYS = 14
"""After a card's end, as long as the readings of it."""
TOKEN_BYTES = 16
NUMBER_DIGITS = 10
MOST_PRINTED = 100
"""Cards of one printing: ten sheets of A4, drawn in some seconds while somebody waits."""
MOST_CARDS_AN_HOUR = 120
MOST_CARDS_A_SHIFT = 600
"""Six to ten times what may be typed: a card is in the hand of whoever stands there and can't be guessed, so that the
limit need not stop guessing but only somebody who scans copies at home. One every half minute is a queue of such people
alone; two full coaches of them are 100 in the hour.
"""
ELSEWHERE = timedelta(minutes=30)
"""Two places within this time: one of the two cards may be a copy."""
COPIED_DOUBT = "同一张身份卡半小时内在另一处也被扫过，这一次只能记为未证实。"
STATEMENT = "此卡只证明身份，不代表健康状况"


class CardEnd(StrEnum):
    """Why a card counts no more before its time."""

    LOST = "lost"
    REPLACED = "replaced"


CARD_END_NAMES = {CardEnd.LOST: "已挂失", CardEnd.REPLACED: "已换新卡"}


class CardFault(StrEnum):
    """What is wrong with a card whose signature is right."""

    UNKNOWN = "card_unknown"
    LOST = "card_lost"
    REPLACED = "card_replaced"
    ENDED = "card_ended"


BY_ID_CARD = "请核对身份证，用“没有手机的人”按身份证号查询。"
CARD_FAULT_SENTENCES = {
    CardFault.UNKNOWN: "卡是真的，但系统里已经没有这张卡。",
    CardFault.LOST: "这张卡已经挂失，不能再用。",
    CardFault.REPLACED: "这张卡已经换了新卡，不能再用。",
    CardFault.ENDED: "这张卡已经过期。",
}
CARD_FAULT_STEPS = {
    CardFault.UNKNOWN: BY_ID_CARD,
    CardFault.LOST: f"请收下这张卡交给负责人。{BY_ID_CARD}",
    CardFault.REPLACED: f"请对方出示新卡。{BY_ID_CARD}",
    CardFault.ENDED: f"{BY_ID_CARD}请对方找发卡单位换新卡。",
}


def card_fault(ended_as: CardEnd | None, ends_at: datetime, now: datetime) -> CardFault | None:
    """What speaks against a card at this moment; None for one that holds."""
    if ended_as is not None:
        return CardFault.LOST if ended_as is CardEnd.LOST else CardFault.REPLACED
    return CardFault.ENDED if ends_at <= now else None


def spaced(number: str) -> str:
    """A card's number as it is printed and read out: 1234 567 890."""
    return f"{number[:4]} {number[4:7]} {number[7:]}"
