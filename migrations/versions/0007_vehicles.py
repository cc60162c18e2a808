"""A transfer's whole course: enrolling, departing, in transit, arrived, on duty; and the vehicles' own."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BEFORE = ("draft", "offered", "agreed", "closed", "cancelled")
STATES = ("draft", "offered", "agreed", "enrolling", "departing", "in_transit", "arrived", "on_duty", *BEFORE[3:])
TRIP_STATES = ("waiting", "on_the_way", "returning", "arrived", "returned", "cancelled")
CHECKED = (
    ("transfer", "state", "ck_transfer_state"),
    ("step", "before", "ck_step_before"),
    ("step", "after", "ck_step_after"),
)


def _allow(table: str, column: str, constraint: str, values: tuple[str, ...]) -> None:
    change = f"ALTER TABLE transfers.{table}"
    # squawk-ignore: the same check with other values takes its place at once.
    op.execute(f"-- squawk-ignore ban-drop-constraint\n{change} DROP CONSTRAINT IF EXISTS {constraint}")
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"{change} ADD CONSTRAINT {constraint} CHECK ({column} IN ({listed})) NOT VALID")
    # squawk-ignore: a run is one transaction, and transfers and vehicles are few.
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\n{change} VALIDATE CONSTRAINT {constraint}")


def _trip_state(name: str) -> sa.Enum:
    return sa.Enum(*TRIP_STATES, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    for table, column, constraint in CHECKED:
        _allow(table, column, constraint, STATES)
    op.add_column("transfer", sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True), schema="transfers")
    op.add_column(
        "trip", sa.Column("state", sa.String(24), nullable=False, server_default="waiting"), schema="transfers"
    )
    # squawk-ignore: the default was for the rows that were there before.
    op.execute("-- squawk-ignore ban-drop-default\nALTER TABLE transfers.trip ALTER COLUMN state DROP DEFAULT")
    _allow("trip", "state", "ck_trip_tripstate", TRIP_STATES)
    op.add_column("trip", sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True), schema="transfers")
    op.add_column("trip", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True), schema="transfers")
    op.create_table(
        "trip_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("before", _trip_state("before"), nullable=False),
        sa.Column("after", _trip_state("after"), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_trip_step_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_trip_step_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["transfers.trip.id"], name=op.f("fk_trip_step_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip_step")),
        schema="transfers",
    )
    op.create_index("ix_trip_step_trip_id", "trip_step", ["trip_id", "id"], schema="transfers")


def downgrade() -> None:
    op.drop_table("trip_step", schema="transfers")
    for column in ("ended_at", "departed_at", "state"):
        op.drop_column("trip", column, schema="transfers")
    op.drop_column("transfer", "recalled_at", schema="transfers")
    for table, column, constraint in CHECKED:
        running = sa.table(table, sa.column(column), schema="transfers")
        op.execute(sa.update(running).where(running.c[column].not_in(BEFORE)).values({column: "agreed"}))
        _allow(table, column, constraint, BEFORE)
