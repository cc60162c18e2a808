"""What an audit can find."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from backend.core.clock import SHANGHAI


class Cause(StrEnum):
    """What is wrong with a record, a leaf, a file or a row."""

    LEAF_MISSING = "leaf_missing"
    LEAF_CHANGED = "leaf_changed"
    ENTRY_DIFFERS = "entry_differs"
    TILE_DIFFERS = "tile_differs"
    FILE_MISSING = "file_missing"
    ROOT_DIFFERS = "root_differs"
    CHECKPOINT_FALSE = "checkpoint_false"
    COSIGNATURE_FALSE = "cosignature_false"
    PUBLISHED_AHEAD = "published_ahead"
    PUBLISHED_BEHIND = "published_behind"
    PUBLISHED_DIFFERS = "published_differs"
    CLOCK_JUMPED = "clock_jumped"
    RECORD_MISSING = "record_missing"
    RECORD_UNLOGGED = "record_unlogged"
    RECORD_DOUBLED = "record_doubled"
    OPENING_MISSING = "opening_missing"
    OPENING_DOUBLED = "opening_doubled"
    OPENING_STRAY = "opening_stray"
    OPENING_UNREADABLE = "opening_unreadable"
    OPENING_MISFILED = "opening_misfiled"
    CONTENT_CHANGED = "content_changed"
    CONTENT_MISSING = "content_missing"
    ROW_UNRECORDED = "row_unrecorded"
    KIND_UNKNOWN = "kind_unknown"


SENTENCES = {
    Cause.LEAF_MISSING: "数据库里的日志缺了这一条。",
    Cause.LEAF_CHANGED: "日志里这一条的承诺值和存证记录的不一致。",
    Cause.ENTRY_DIFFERS: "已公开的这一条和数据库里的不一致。",
    Cause.TILE_DIFFERS: "已公开的树文件和重新计算的不一致。",
    Cause.FILE_MISSING: "应当公开的文件不见了，或读不出来。",
    Cause.ROOT_DIFFERS: "从这个检查点起，签名的树根和重新计算的不一致。",
    Cause.CHECKPOINT_FALSE: "检查点的内容或日志签名不对。",
    Cause.COSIGNATURE_FALSE: "见证方的签名不对。",
    Cause.PUBLISHED_AHEAD: "已公开的日志比数据库里的长，数据库可能是从旧备份恢复的。",
    Cause.PUBLISHED_BEHIND: "最新的检查点还没有公开。",
    Cause.PUBLISHED_DIFFERS: "已公开的检查点和数据库里的不一致。",
    Cause.CLOCK_JUMPED: "服务器的时间在这里跳动过。",
    Cause.RECORD_MISSING: "日志里有这一条，但存证记录不见了。",
    Cause.RECORD_UNLOGGED: "存证记录既不在日志里，也不在排队。",
    Cause.RECORD_DOUBLED: "同一条存证记录在日志里出现了不止一次。",
    Cause.OPENING_MISSING: "存证内容还没到删除的日子就不见了，也没有删除的存证。",
    Cause.OPENING_DOUBLED: "一条存证记录有不止一份内容。",
    Cause.OPENING_STRAY: "有存证内容，却没有存证记录。",
    Cause.OPENING_UNREADABLE: "存证内容打不开，可能被改动过。",
    Cause.OPENING_MISFILED: "存证内容被记到了别人名下。",
    Cause.CONTENT_CHANGED: "内容和存证时不一致。",
    Cause.CONTENT_MISSING: "存证时的业务记录不见了。",
    Cause.ROW_UNRECORDED: "这条业务记录没有存证，可能是后来插入的。",
    Cause.KIND_UNKNOWN: "这类存证记录没有登记过。",
}
TIME_SHIFT = 80
MOST_KEPT = 1000
"""Discrepancies that a run keeps one by one; of more it keeps the number."""


def recorded_on(record_id: UUID) -> date:
    """The day in China on which a record was made: a UUIDv7 begins with its milliseconds (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((record_id.int >> TIME_SHIFT) / 1000, SHANGHAI).date()
