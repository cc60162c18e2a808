"""The database: one declarative base, UUIDv7 keys, named constraints, a schema per context."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum as PythonEnum
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from psycopg import Connection
from sqlalchemy import BigInteger, Date, DateTime, Enum, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from uuid_utils.compat import uuid7

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def choice(kind: type[PythonEnum], name: str | None = None) -> Enum:
    """A text column with a CHECK on the members' values; two of one kind in a table need names of their own."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )


type_map: dict[Any, Any] = {
    datetime: DateTime(timezone=True),
    date: Date(),
    str: Text(),
    bytes: LargeBinary(),
    dict[str, Any]: JSONB(),
    list[Any]: JSONB(),
    list[str]: JSONB(),
    PythonEnum: choice(PythonEnum),
}


def new_key() -> UUID:
    """A UUIDv7 (RFC 9562): unique, and later ones sort later."""
    return uuid7()


class Base(DeclarativeBase):
    registry = registry(metadata=MetaData(naming_convention=NAMING), type_annotation_map=type_map)


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

Key = Annotated[UUID, mapped_column(primary_key=True, default=new_key)]
Fen = Annotated[int, mapped_column(BigInteger)]
"""Money in integer fen, a hundredth of a yuan."""

READ_ONLY: dict[str, object] = {"rights": "SELECT"}
INSERT_ONLY: dict[str, object] = {"rights": "SELECT, INSERT"}
"""For a table's `info`: the application's role may add rows and read them, never change or remove them."""


def daily(days: int) -> dict[str, object]:
    """For a table's `info`: it is partitioned by its `day` column, and a day is kept for this many days after it.

    With 0 the rows themselves say when they go: a day's rows are dropped once it is over.
    """
    return {"daily": days}


def aged(column: str, days: int) -> dict[str, object]:
    """For a table's `info`: a row is erased once the day of its `column` is more than this many days ago.

    For tables without partitions; `core.erase_aged` does it, also where the application's role may remove nothing.
    """
    return {"aged": (column, days)}


@contextmanager
def together() -> Iterator[None]:
    """Writes that wait for no answer of their own: each is sent at once, and all are answered at the block's end.

    It saves the way to the database and back for each but the last (libpq's pipeline mode). A failure shows at a later
    one or at the end, there as psycopg's own error, and rolls back like any other.
    """
    driver = cast("Connection[Any]", db.session.connection().connection.driver_connection)
    with driver.pipeline():
        yield
