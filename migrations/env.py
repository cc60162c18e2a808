"""Migrations run as the owner's role, with short locks; afterwards the application's role gets its rights anew.

The rights follow from the models: an insert-only table can be added to and read, any other also changed and emptied;
nothing can be altered. `flask db upgrade` needs DATABASE_OWNER_URL.
"""

from datetime import timedelta

from alembic import context
from flask import current_app
from sqlalchemy import Connection, create_engine, inspect, pool, text

from backend.core import clock
from backend.core.db import Base
from backend.core.partitions import AHEAD, is_partition
from backend.evidence.rules import last_days

target = Base.metadata
config = current_app.config["LINGHUO"]
APPLICATION_ROLE = "linghuo"


def include_name(name: str | None, kind: str, _: dict[str, str | None]) -> bool:
    """Only our schemas; the day's partitions belong to their functions, not to migrations."""
    if kind == "schema":
        return name in {table.schema for table in target.tables.values()}
    return not (kind == "table" and name and is_partition(name))


def grant(connection: Connection) -> None:
    """Give the application's role what the models say, and nothing else."""
    role = APPLICATION_ROLE
    for schema in sorted({table.schema for table in target.tables.values() if table.schema}):
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {role}"))
        connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}"))
        connection.execute(text(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}"))
    for table in target.tables.values():
        if not inspect(connection).has_table(table.name, table.schema):
            continue
        rights = table.info.get("rights", "SELECT, INSERT, UPDATE, DELETE")
        connection.execute(text(f'GRANT {rights} ON {table.schema}."{table.name}" TO {role}'))


def register_daily(connection: Connection) -> None:
    """Tell the partition functions which tables are daily and how long a day is kept."""
    for table in target.tables.values():
        if "daily" in table.info and inspect(connection).has_table(table.name, table.schema):
            connection.execute(
                text(
                    "INSERT INTO core.daily_table (name, kept_days) VALUES (:name, :days)"
                    " ON CONFLICT (name) DO UPDATE SET kept_days = excluded.kept_days"
                ),
                {"name": f"{table.schema}.{table.name}", "days": table.info["daily"]},
            )
    register_aged(connection)
    connection.execute(
        text(
            "SELECT core.make_partition(t.name, d::date) FROM core.daily_table t CROSS JOIN"
            " generate_series(current_date - 2, current_date + 7, interval '1 day') d WHERE t.kept_days > 0"
        )
    )
    kinds = current_app.extensions["linghuo.evidence"].values()
    if kinds and inspect(connection).has_table("opening", "evidence"):
        today = clock.today()
        days = last_days((kind.days for kind in kinds), today - timedelta(days=1), today + timedelta(days=AHEAD))
        connection.execute(
            text("SELECT core.make_partition('evidence.opening', d) FROM unnest(CAST(:days AS date[])) d"),
            {"days": sorted(days)},
        )


def register_aged(connection: Connection) -> None:
    """Tell the erasure which tables' rows go by their age."""
    if not inspect(connection).has_table("aged_table", "core"):
        return
    for table in target.tables.values():
        if "aged" in table.info:
            column, days = table.info["aged"]
            connection.execute(
                text(
                    "INSERT INTO core.aged_table (name, moment, kept_days) VALUES (:name, :moment, :days)"
                    " ON CONFLICT (name) DO UPDATE SET moment = excluded.moment, kept_days = excluded.kept_days"
                ),
                {"name": table.fullname, "moment": column, "days": days},
            )


def run_offline() -> None:
    """Print the SQL, for review by people and by the linter of migrations."""
    context.configure(
        dialect_name="postgresql", target_metadata=target, literal_binds=True, version_table_schema="public"
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Upgrade in one transaction a migration; give up rather than wait long for a lock."""
    engine = create_engine(config.database_owner_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text("SET statement_timeout = '10min'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=target,
            compare_type=True,
            include_schemas=True,
            include_name=include_name,
            version_table_schema="public",
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.execute(text("SELECT to_regclass('core.daily_table')")).scalar():
            grant(connection)
            register_daily(connection)
            connection.commit()
    engine.dispose()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
