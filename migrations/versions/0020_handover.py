"""Who takes a vehicle's people over, what they say of each, and the one signature."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

MARKS = ("boarded", "struck", "added", "swapped", "counted", "measured", "observed", "to_health", "moved")
LEAVINGS = ("struck", "moved", "to_health", "handed_over", "returned")
CHECKED = (
    ("mark", "ck_mark_markkind", "kind", MARKS, ("received", "not_received")),
    ("ride", "ck_ride_leaving", "left_as", LEAVINGS, ("not_received",)),
)
WRITERS = "num_nonnulls(operator_id, leader_id{}) = 1"


def _check(table: str, constraint: str, rule: str) -> None:
    change = f"ALTER TABLE transfers.{table}"
    # squawk-ignore: the same check, wider, takes its place at once.
    op.execute(f"-- squawk-ignore ban-drop-constraint\n{change} DROP CONSTRAINT IF EXISTS {constraint}")
    op.execute(f"{change} ADD CONSTRAINT {constraint} CHECK ({rule}) NOT VALID")
    # squawk-ignore: a run is one transaction.
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\n{change} VALIDATE CONSTRAINT {constraint}")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def upgrade() -> None:
    op.create_table(
        "receiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_mask", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_mask", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device_hash", sa.LargeBinary(), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["trip_id"], ["transfers.trip.id"], name=op.f("fk_receiver_trip_id_trip")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_receiver_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_receiver_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiver")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_receiver_token_hash")),
        schema="transfers",
    )
    op.create_index("ix_receiver_trip_id", "receiver", ["trip_id", "id"], schema="transfers")
    op.create_table(
        "handover",
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("strokes", sa.LargeBinary(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("to_health", sa.Integer(), nullable=False),
        sa.Column("not_received", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=True),
        sa.Column("form_digest", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["trip_id"], ["transfers.trip.id"], name=op.f("fk_handover_trip_id_trip")),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["transfers.receiver.id"], name=op.f("fk_handover_receiver_id_receiver")
        ),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_handover")),
        schema="transfers",
    )
    op.add_column("mark", sa.Column("receiver_id", sa.Uuid(), nullable=True), schema="transfers")
    op.execute(
        "ALTER TABLE transfers.mark ADD CONSTRAINT fk_mark_receiver_id_receiver FOREIGN KEY (receiver_id) "
        "REFERENCES transfers.receiver (id) ON DELETE CASCADE NOT VALID"
    )
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE transfers.mark VALIDATE CONSTRAINT fk_mark_receiver_id_receiver"
    )
    _check("mark", "ck_mark_written_by_one", WRITERS.format(", receiver_id"))
    for table, constraint, column, known, new in CHECKED:
        _check(table, constraint, f"{column} IN ({_listed(known + new)})")


def downgrade() -> None:
    op.execute("DELETE FROM transfers.mark WHERE receiver_id IS NOT NULL")
    op.execute("UPDATE transfers.ride SET left_as = 'handed_over' WHERE left_as = 'not_received'")
    for table, constraint, column, known, _ in CHECKED:
        _check(table, constraint, f"{column} IN ({_listed(known)})")
    _check("mark", "ck_mark_written_by_one", WRITERS.format(""))
    op.drop_column("mark", "receiver_id", schema="transfers")
    op.drop_table("handover", schema="transfers")
    op.drop_table("receiver", schema="transfers")
