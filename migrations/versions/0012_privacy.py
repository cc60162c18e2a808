"""Rows that are erased by their age, and the reports of what was erased."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

ERASE = """
CREATE FUNCTION core.erase_aged(target text, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    aged record;
    erased bigint;
BEGIN
    SELECT split_part(t.name, '.', 1) AS home, split_part(t.name, '.', 2) AS bare, t.moment, t.kept_days
    INTO STRICT aged
    FROM core.aged_table t
    WHERE t.name = target;
    IF (before AT TIME ZONE 'Asia/Shanghai')::date > (now() AT TIME ZONE 'Asia/Shanghai')::date - aged.kept_days THEN
        RAISE EXCEPTION 'rows of % up to % are inside the retention of % days', target, before, aged.kept_days;
    END IF;
    EXECUTE format('DELETE FROM %I.%I WHERE %I < $1', aged.home, aged.bare, aged.moment) USING before;
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA privacy")
    op.create_table(
        "aged_table",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("kept_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("kept_days >= 0", name=op.f("ck_aged_table_kept_days")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_aged_table")),
        schema="core",
    )
    op.execute(ERASE)
    op.execute("REVOKE ALL ON FUNCTION core.erase_aged(text, timestamptz) FROM PUBLIC")
    op.create_table(
        "erasure_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_report")),
        schema="privacy",
    )
    op.create_index("ix_erasure_report_day", "erasure_report", ["day"], unique=False, schema="privacy")
    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_export_operator_id_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_export_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        schema="privacy",
    )
    op.create_index("ix_export_organisation_id", "export", ["organisation_id", "id"], unique=False, schema="privacy")
    op.create_table(
        "copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account.id"], name=op.f("fk_copy_account_id_account")),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_copy_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy")),
        schema="privacy",
    )
    op.create_index("ix_copy_person_id", "copy", ["person_id", "at"], unique=False, schema="privacy")


def downgrade() -> None:
    op.execute("DROP SCHEMA privacy CASCADE")
    op.execute("DROP FUNCTION core.erase_aged(text, timestamptz)")
    op.drop_table("aged_table", schema="core")
