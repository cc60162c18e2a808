"""Officers open shifts; people without a phone are looked up within them, counted and with a reason."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

REASONS = ("no_phone", "flat", "broken", "other")


def upgrade() -> None:
    op.create_table(
        "shift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_shift_forward")),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_shift_operator_id_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_shift_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        schema="codes",
    )
    op.create_index("ix_shift_operator_id", "shift", ["operator_id", "until"], schema="codes")
    op.create_table(
        "lookup",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(*REASONS, name="lookupreason", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookup")),
        schema="codes",
        info={"rights": "SELECT, INSERT"},
    )
    op.create_index("ix_lookup_shift_id", "lookup", ["shift_id", "at"], schema="codes")


def downgrade() -> None:
    op.drop_table("lookup", schema="codes")
    op.drop_table("shift", schema="codes")
