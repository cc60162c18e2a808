"""The evidence log, and the functions that alone may move its records, put them back and erase what opens them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Both functions that give out indices take the advisory lock 7106407 ("log"): one transaction after the other.
WIDEN = """
-- A handful of rows, which all meet the wider condition; migrations alone write them.
-- squawk-ignore ban-drop-constraint, constraint-missing-not-valid
ALTER TABLE core.daily_table DROP CONSTRAINT ck_daily_table_kept_days,
    ADD CONSTRAINT ck_daily_table_kept_days CHECK (kept_days >= 0)
"""

SEQUENCE = """
CREATE FUNCTION evidence.sequence(most integer, OUT first bigint, OUT entries bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    final uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(7106407);
    SELECT coalesce(max(l.index) + 1, 0) INTO first FROM evidence.leaf l;
    SELECT p.record_id INTO final FROM evidence.pending p ORDER BY p.record_id OFFSET greatest(most, 1) - 1 LIMIT 1;
    BEGIN
        WITH taken AS (
            DELETE FROM evidence.pending p
            WHERE p.record_id <= coalesce(final, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            RETURNING p.record_id, p.commitment
        )
        INSERT INTO evidence.leaf (index, record_id, commitment)
        SELECT first + row_number() OVER (ORDER BY t.record_id) - 1, t.record_id, t.commitment FROM taken t;
    EXCEPTION WHEN unique_violation THEN
        -- Only somebody who wrote here by hand can have made a record wait a second time.
        RAISE WARNING 'evidence: records that have their place waited for another';
        DELETE FROM evidence.pending p USING evidence.leaf l WHERE l.record_id = p.record_id;
    END;
    SELECT string_agg(l.commitment, ''::bytea ORDER BY l.index) INTO entries
    FROM evidence.leaf l WHERE l.index >= first;
END $$
"""

RESTORE = """
CREATE FUNCTION evidence.restore(first bigint, entries bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7106407);
    IF first <> (SELECT coalesce(max(l.index) + 1, 0) FROM evidence.leaf l) THEN
        RAISE EXCEPTION 'the log does not end before leaf %', first;
    END IF;
    WITH given AS (
        SELECT first + e.place - 1 AS index, e.entry FROM unnest(entries) WITH ORDINALITY AS e (entry, place)
    ), waiting AS (
        DELETE FROM evidence.pending p USING given g WHERE p.commitment = g.entry RETURNING p.record_id, p.commitment
    )
    INSERT INTO evidence.leaf (index, record_id, commitment)
    SELECT g.index, w.record_id, g.entry FROM given g LEFT JOIN waiting w ON w.commitment = g.entry;
END $$
"""

ERASE = """
CREATE FUNCTION evidence.erase_subject(subject bytea) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH erased AS (DELETE FROM evidence.opening o WHERE o.subject_index = subject RETURNING 1)
    SELECT count(*) FROM erased
$$
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA evidence")
    op.execute(WIDEN)
    op.create_table(
        "record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.CheckConstraint("octet_length(commitment) = 32", name=op.f("ck_record_commitment")),
        schema="evidence",
    )
    op.create_table(
        "opening",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("subject_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "record_id", name=op.f("pk_opening")),
        schema="evidence",
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index("ix_opening_record_id", "opening", ["record_id"], schema="evidence")
    op.create_index("ix_opening_subject_index", "opening", ["subject_index"], schema="evidence")
    op.create_table(
        "pending",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_pending")),
        sa.CheckConstraint("octet_length(commitment) = 32", name=op.f("ck_pending_commitment")),
        schema="evidence",
    )
    op.create_table(
        "leaf",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_leaf")),
        sa.CheckConstraint("octet_length(commitment) = 32", name=op.f("ck_leaf_commitment")),
        sa.UniqueConstraint("record_id", name=op.f("uq_leaf_record_id")),
        schema="evidence",
    )
    op.create_index("ix_leaf_commitment", "leaf", ["commitment"], schema="evidence")
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
        schema="evidence",
    )
    op.create_table(
        "cosignature",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["evidence.checkpoint.size"], name=op.f("fk_cosignature_size_checkpoint")),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_cosignature")),
        schema="evidence",
    )
    op.create_table(
        "witness_state",
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("witness", name=op.f("pk_witness_state")),
        schema="evidence",
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "key",
                "published_ahead",
                "witness_ahead",
                "forked",
                "tiles",
                name="alarmcause",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        schema="evidence",
    )
    op.create_index(
        "uq_alarm_open",
        "alarm",
        ["cause"],
        unique=True,
        schema="evidence",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for function in (SEQUENCE, RESTORE, ERASE):
        op.execute(function)
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA evidence FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP SCHEMA evidence CASCADE")
    op.execute("DELETE FROM core.daily_table WHERE kept_days = 0")
    op.execute("ALTER TABLE core.daily_table DROP CONSTRAINT ck_daily_table_kept_days")
    op.execute("ALTER TABLE core.daily_table ADD CONSTRAINT ck_daily_table_kept_days CHECK (kept_days > 0) NOT VALID")
    op.execute("ALTER TABLE core.daily_table VALIDATE CONSTRAINT ck_daily_table_kept_days")
