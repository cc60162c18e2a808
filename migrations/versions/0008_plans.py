"""Each vehicle has its plan, and a dated rule says how many of its seats may be taken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

MODES = ("coach", "train", "plane", "own_car", "other")


def upgrade() -> None:
    op.create_table(
        "seat_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(*MODES, name="mode", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_rule")),
        schema="transfers",
    )
    op.create_index("ix_seat_rule_mode", "seat_rule", ["mode", "first_day"], schema="transfers")
    op.create_table(
        "plan",
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("crew", sa.LargeBinary(), nullable=True),
        sa.Column("crew_masks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("deputy_id", sa.Uuid(), nullable=True),
        sa.Column("stops", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("supplies", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_plan_operator_id_operator")),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["transfers.entry.id"], name=op.f("fk_plan_leader_id_entry"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["transfers.entry.id"], name=op.f("fk_plan_deputy_id_entry"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["transfers.trip.id"], name=op.f("fk_plan_trip_id_trip")),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_plan")),
        schema="transfers",
    )
    op.create_index("ix_plan_leader_id", "plan", ["leader_id"], schema="transfers")
    op.create_index("ix_plan_deputy_id", "plan", ["deputy_id"], schema="transfers")


def downgrade() -> None:
    op.drop_table("plan", schema="transfers")
    op.drop_table("seat_rule", schema="transfers")
