"""Kinds of message, channels, and what can become of an attempt to reach somebody."""

from enum import StrEnum


class Kind(StrEnum):
    UNDECLARED = "undeclared"  # 今天还没有健康申报
    COLOUR = "colour"  # 健康码变化
    SILENT = "silent"  # 长时间没有位置
    ELSEWHERE = "elsewhere"  # 位置与行程不符
    CLAIM = "claim"  # 身份核实结果
    TRIP = "trip"  # 行程通知
    APPEAL = "appeal"  # 健康码申诉的进展


class Channel(StrEnum):
    WECHAT = "wechat"
    SMS = "sms"


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # claimed; after a crash it becomes unknown, never sent again blindly
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"  # no consent left: the next channel takes over
