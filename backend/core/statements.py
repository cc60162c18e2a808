"""Statements that a queue waits for: built once, and run without being looked at again.

SQLAlchemy spends longer on running a statement than psycopg, PostgreSQL and the way between them together. Who an
operator is, showing a code and scanning one are asked all day; their text is made when the module is loaded, and a run
hands it to the driver.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from sqlalchemy import ClauseElement, Connection, Dialect, PoolProxiedConnection
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import OperationalError

from backend.core.db import db

Row = tuple[Any, ...]
Driver = psycopg.Connection[Row]
DIALECT: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call] # SQLAlchemy's own gap


class Prepared:
    """A statement on bare tables, run with values by the names of its bound parameters.

    Values go in and come out as psycopg knows them: a column with a choice of values gives text, for its own enum to
    read. A lost connection is SQLAlchemy's OperationalError, as everywhere; any other failure is psycopg's own.
    """

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=DIALECT)
        self._text = str(compiled).encode()
        self._fixed = {name: value for name, value in (compiled.params or {}).items() if value is not None}

    def run(self, values: Mapping[str, object]) -> "psycopg.Cursor[Row]":
        """Run it on the session's connection and in its transaction, for what it does or for the cursor's rows."""
        connection = db.session.connection()
        driver = cast("Driver", connection.connection.driver_connection)
        with _noticing_loss(connection, driver):
            return driver.execute(self._text, {**self._fixed, **values})

    def all(self, values: Mapping[str, object]) -> list[Row]:
        """The rows, asked in the session's transaction."""
        return self.run(values).fetchall()

    def one_or_none(self, values: Mapping[str, object]) -> Row | None:
        """The only row of a question with one answer at most, asked in the session's transaction."""
        return self.run(values).fetchone()

    def alone(self, values: Mapping[str, object]) -> Row | None:
        """The same for a SELECT that is all there is to ask: outside of a transaction, unless one is under way.

        That is one way to the database and back where BEGIN and COMMIT would make it three.
        """
        if db.session.registry.has() and db.session().in_transaction():
            return self.one_or_none(values)
        pooled = db.engine.raw_connection()
        try:
            driver = cast("Driver", pooled.driver_connection)
            with _noticing_loss(pooled, driver):
                driver.autocommit = True
                row = driver.execute(self._text, {**self._fixed, **values}).fetchone()
                driver.autocommit = False
        except BaseException:
            if pooled.is_valid:
                pooled.invalidate()
            raise
        finally:
            pooled.close()
        return row


@contextmanager
def _noticing_loss(connection: Connection | PoolProxiedConnection, driver: Driver) -> Iterator[None]:
    """Have nobody else be given this connection, or one of its age, once the server has closed it."""
    try:
        yield
    except psycopg.OperationalError as error:
        if not driver.closed:
            raise
        connection.invalidate(error)
        db.engine.dispose()
        raise OperationalError(None, None, error, connection_invalidated=True) from error
