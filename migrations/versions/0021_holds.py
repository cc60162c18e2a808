"""Days of data that an authority has asked to keep."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_hold_forward")),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_hold_operator_id_operator")),
        sa.ForeignKeyConstraint(["lifted_by"], ["accounts.operator.id"], name=op.f("fk_hold_lifted_by_operator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        schema="privacy",
    )
    op.create_index("ix_hold_until", "hold", ["until"], schema="privacy")


def downgrade() -> None:
    op.drop_table("hold", schema="privacy")
