"""A finding may be about a vehicle under way instead of each sleeper aboard it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("finding", sa.Column("trip_id", sa.Uuid(), nullable=True), schema="checks")
    # squawk-ignore: whoever still runs the old code joins by row, and so doesn't come upon a vehicle's finding.
    op.execute("-- squawk-ignore ban-drop-not-null\nALTER TABLE checks.finding ALTER COLUMN entry_id DROP NOT NULL")
    op.create_foreign_key(
        op.f("fk_finding_trip_id_trip"),
        "finding",
        "trip",
        ["trip_id"],
        ["id"],
        source_schema="checks",
        referent_schema="transfers",
        ondelete="CASCADE",
    )
    op.create_check_constraint(
        op.f("ck_finding_about_one"), "finding", "num_nonnulls(entry_id, trip_id) = 1", schema="checks"
    )
    op.create_index(
        "uq_finding_vehicle",
        "finding",
        ["trip_id", "kind"],
        unique=True,
        schema="checks",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_finding_trip_id", "finding", ["trip_id"], schema="checks")


def downgrade() -> None:
    op.execute("DELETE FROM checks.finding WHERE entry_id IS NULL")
    op.drop_index("ix_finding_trip_id", table_name="finding", schema="checks")
    op.drop_index("uq_finding_vehicle", table_name="finding", schema="checks")
    op.drop_constraint(op.f("ck_finding_about_one"), "finding", schema="checks", type_="check")
    op.drop_constraint(op.f("fk_finding_trip_id_trip"), "finding", schema="checks", type_="foreignkey")
    op.alter_column("finding", "entry_id", existing_type=sa.Uuid(), nullable=False, schema="checks")
    op.drop_column("finding", "trip_id", schema="checks")
