"""Who is aboard which vehicle, from when, until when, and how they left it; where else a code was read, by its day.

An index on the code alone let the planner, before a new day's statistics, walk through all of the day's readings too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

LEAVINGS = ("struck", "moved", "to_health", "handed_over", "returned")


def upgrade() -> None:
    op.create_table(
        "ride",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("boarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "left_as",
            sa.Enum(*LEAVINGS, name="leaving", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("left_place", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["transfers.entry.id"], name=op.f("fk_ride_entry_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["transfers.trip.id"], name=op.f("fk_ride_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ride")),
        schema="transfers",
    )
    op.create_index(
        "uq_ride_aboard",
        "ride",
        ["entry_id"],
        unique=True,
        schema="transfers",
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index("ix_ride_trip_id", "ride", ["trip_id", "boarded_at", "id"], schema="transfers")
    op.create_index("ix_ride_entry_id", "ride", ["entry_id", "boarded_at"], schema="transfers")
    # PostgreSQL drops a partitioned index at once or not at all; what reads meanwhile waits for milliseconds.
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX codes.ix_reading_code_id")
    op.create_index("ix_reading_code_id", "reading", ["code_id", "day"], schema="codes")


def downgrade() -> None:
    op.drop_index("ix_reading_code_id", table_name="reading", schema="codes")
    op.create_index("ix_reading_code_id", "reading", ["code_id"], schema="codes")
    op.drop_table("ride", schema="transfers")
