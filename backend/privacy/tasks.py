"""The daily erasure, tried again each hour as long as something of it fails."""

from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from backend.core import clock
from backend.core.db import Base
from backend.core.features import DataKind, Way
from backend.core.tasks import task
from backend.core.transactions import transaction
from backend.privacy import actions, queries
from backend.privacy.rules import Line, kind_of

log = structlog.get_logger()
FAILED = "没有删除成功，一小时后再试"
ORDER = (Way.PARTITIONS, Way.ROWS, Way.OWN)
"""What opens records goes before the rows that they speak of."""


@task("privacy.erase", queue="bulk")
def erase() -> None:
    """Erase what is past its time and report it, once a day; what failed is tried again at the next run."""
    with transaction():
        done = queries.get_newest_report(clock.today())
    if done is not None and not done.failed:
        return
    kinds = queries.list_kinds()
    names = sorted(table.fullname for table in Base.metadata.tables.values())
    lines: list[Line] = []
    for kind in sorted((k for k in kinds if k.way in ORDER), key=lambda k: ORDER.index(k.way)):
        for group in _together(kind, [name for name in names if kind_of(name, kinds) is kind]):
            lines += _erase(kind, group)
    with transaction():
        actions.report(lines)


def _together(kind: DataKind, names: list[str]) -> list[list[str]]:
    """What is erased in one transaction: tables of their own each by itself, a context's own erasure as a whole."""
    return [names] if kind.way is Way.OWN else [[name] for name in names]


def _erase(kind: DataKind, names: list[str]) -> list[Line]:
    try:
        with transaction():
            return actions.erase(kind, names)
    except DBAPIError as failure:
        log.exception("privacy.not_erased", kind=kind.name, tables=names)
        first = clock.today() - timedelta(days=kind.days or 0)
        return [Line(kind.name, name, first, problem=f"{FAILED}（{type(failure.orig).__name__}）") for name in names]
