"""PRIVACY.md: the register of kinds of data as a document."""

from collections.abc import Sequence

from backend.core.features import DataKind
from backend.privacy.rules import WAY_NAMES, period

HEAD = """# 个人信息保存期限 What is kept, why, for how long

Generated from the kinds of data that each feature registers (`flask privacy document > PRIVACY.md`); a test compares
the two, and another refuses a table without a kind. What is past its time is erased every night by `privacy.erase`,
which keeps a report of each run and records it in the evidence log. Workers read the same at `/privacy`.

| 数据 | 内容 | 法律依据 | 保存多久 | 怎样删除 | 表 |
|---|---|---|---|---|---|
"""


def markdown(kinds: Sequence[DataKind]) -> str:
    """The document, a line for each kind."""
    return HEAD + "".join(_line(kind) for kind in kinds)


def _line(kind: DataKind) -> str:
    tables = ", ".join(f"`{name}`" for name in kind.tables) or "—"
    cells = (kind.title, kind.what, kind.basis, period(kind), WAY_NAMES[kind.way], tables)
    return f"| {' | '.join(cells)} |\n"
