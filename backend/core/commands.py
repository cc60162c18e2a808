"""`flask keys`: rotation of the keys that seal personal data."""

import click
from flask.cli import AppGroup
from sqlalchemy import Table, bindparam, select, update

from backend.core.crypto import Sealed, SealedText, keyring
from backend.core.db import Base, db
from backend.core.transactions import transaction

BATCH = 1000
keys = AppGroup("keys", help="Keys that seal personal data.")


@keys.command("reseal")
def reseal() -> None:
    """Seal every value anew under the first key of DATA_KEYS, so that older keys can be dropped."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, SealedText):
                click.echo(f"{table.fullname}.{column.name}: {_reseal(table, column.name)}")


def _reseal(table: Table, column: str) -> int:
    """Walk one column by key; a batch is one transaction, so stopping in the middle costs nothing."""
    ring, last, done = keyring(), None, 0
    key = table.c.id
    while True:
        with transaction():
            query = select(key, table.c[column]).order_by(key).limit(BATCH).with_for_update()
            rows = db.session.execute(query.where(key > last) if last else query).all()
            if not rows:
                return done
            last = rows[-1][0]
            stale = [
                {"key": row_id, "value": Sealed(ring.seal(ring.unseal(old.blob, old.place), old.place), old.place)}
                for row_id, old in rows
                if old is not None and old.key_id != ring.current
            ]
            if stale:
                statement = update(table).where(key == bindparam("key")).values({column: bindparam("value")})
                db.session.connection().execute(statement, stale)
            done += len(stale)
