"""Reports of transfers that somebody asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute("CREATE SCHEMA reports")
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "format",
            sa.Enum("excel", "pdf", name="format", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued", "done", "refused", name="reportstate", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("export_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_report_transfer_id_transfer")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_report_operator_id_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_report_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("operator_id", "request_key", name=op.f("uq_report_operator_id_request_key")),
        schema="reports",
    )
    op.create_index("ix_report_transfer_id", "report", ["transfer_id", "operator_id", "id"], schema="reports")
    op.create_index(
        "ix_report_queued", "report", ["asked_at"], schema="reports", postgresql_where=sa.text("state = 'queued'")
    )


def downgrade() -> None:
    op.drop_table("report", schema="reports")
    op.execute("DROP SCHEMA reports")
