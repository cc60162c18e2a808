"""Schemas, and the two functions that make and drop a day's partition."""

from alembic import op

revision = "0001"
down_revision = None

SCHEMAS = ("core", "accounts", "notices", "itinerary", "codes", "transfers", "checks")

MAKE = """
CREATE FUNCTION core.make_partition(target text, day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    parent record;
    part text;
BEGIN
    SELECT split_part(t.name, '.', 1) AS home, split_part(t.name, '.', 2) AS bare INTO STRICT parent
    FROM core.daily_table t WHERE t.name = target;
    part := parent.bare || '_' || to_char(day, 'YYYYMMDD');
    IF to_regclass(format('%I.%I', parent.home, part)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I.%I PARTITION OF %I.%I FOR VALUES FROM (%L) TO (%L)',
                       parent.home, part, parent.home, parent.bare, day, day + 1);
    END IF;
END $$
"""

DROP = """
CREATE FUNCTION core.drop_partition(target text, day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    parent record;
    part text;
BEGIN
    SELECT split_part(t.name, '.', 1) AS home, split_part(t.name, '.', 2) AS bare, t.kept_days INTO STRICT parent
    FROM core.daily_table t WHERE t.name = target;
    IF day >= (now() AT TIME ZONE 'Asia/Shanghai')::date - parent.kept_days THEN
        RAISE EXCEPTION 'the day % of % is inside its retention of % days', day, target, parent.kept_days;
    END IF;
    part := parent.bare || '_' || to_char(day, 'YYYYMMDD');
    EXECUTE format('DROP TABLE IF EXISTS %I.%I', parent.home, part);
    RETURN parent.home || '.' || part;
END $$
"""


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA {schema}")
    op.execute(
        "CREATE TABLE core.daily_table (name text CONSTRAINT pk_daily_table PRIMARY KEY,"
        " kept_days integer NOT NULL CONSTRAINT ck_daily_table_kept_days CHECK (kept_days > 0))"
    )
    op.execute(MAKE)
    op.execute(DROP)
    op.execute("REVOKE ALL ON FUNCTION core.make_partition(text, date), core.drop_partition(text, date) FROM PUBLIC")


def downgrade() -> None:
    for schema in reversed(SCHEMAS):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
