"""Appeals of those who stand at a door, and who is on duty for them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("appeal", sa.Column("stopped_at", sa.Text(), server_default="", nullable=False), schema="codes")
    op.create_table(
        "duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("first_phone", sa.LargeBinary(), nullable=False),
        sa.Column("second_name", sa.Text(), nullable=False),
        sa.Column("second_phone", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_duty_forward")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.operator.id"], name=op.f("fk_duty_made_by_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_duty_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        schema="codes",
    )
    op.create_index("ix_duty_organisation_id", "duty", ["organisation_id", "until"], schema="codes")


def downgrade() -> None:
    op.drop_table("duty", schema="codes")
    op.drop_column("appeal", "stopped_at", schema="codes")
