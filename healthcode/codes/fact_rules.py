"""Results of tests, certificates of health, provinces' own codes: words, states, limits. Pure."""

from datetime import timedelta
from enum import StrEnum


class Tested(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"


TESTED_NAMES = {Tested.POSITIVE: "阳性", Tested.NEGATIVE: "阴性"}


class ResultListState(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


RESULT_LIST_STATE_NAMES = {
    ResultListState.WAITING: "等待复核",
    ResultListState.CONFIRMED: "已登记",
    ResultListState.DISCARDED: "已放弃",
}
LISTS_KEPT = timedelta(days=14)
"""A list that nobody decided, and the rows that were not taken, go after this."""


class CertificateState(StrEnum):
    DRAFT = "draft"  # the photo is still to come
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


CERTIFICATE_STATE_NAMES = {
    CertificateState.DRAFT: "还没有上传照片",
    CertificateState.WAITING: "等待核对",
    CertificateState.CONFIRMED: "已确认",
    CertificateState.REFUSED: "没有通过",
    CertificateState.WITHDRAWN: "本人已撤回",
}
OPEN = (CertificateState.DRAFT, CertificateState.WAITING)


class QueryState(StrEnum):
    QUEUED = "queued"
    ASKING = "asking"
    ANSWERED = "answered"
    NOTHING = "nothing"  # the province knows nobody of this name and number
    UNANSWERED = "unanswered"
    WITHHELD = "withheld"  # the consent was withdrawn before it was asked


QUERY_STATE_NAMES = {
    QueryState.QUEUED: "正在查询",
    QueryState.ASKING: "正在查询",
    QueryState.ANSWERED: "已查到",
    QueryState.NOTHING: "没有查到",
    QueryState.UNANSWERED: "没有答复",
    QueryState.WITHHELD: "没有同意提供信息，未查询",
}


class Asked(StrEnum):
    """Why a province was asked."""

    DECLARED = "declared"
    WORKER = "worker"
    TRANSFER = "transfer"


ASKED_NAMES = {Asked.DECLARED: "申报后查询", Asked.WORKER: "本人查询", Asked.TRANSFER: "途中查询"}
