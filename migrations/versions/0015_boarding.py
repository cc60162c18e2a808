"""What is written down of a vehicle's people at the door and on the way; a vehicle that all have changed from."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

BEFORE = ("waiting", "on_the_way", "returning", "arrived", "returned", "cancelled")
CHECKED = (
    ("trip", "state", "ck_trip_tripstate"),
    ("trip_step", "before", "ck_trip_step_before"),
    ("trip_step", "after", "ck_trip_step_after"),
)
KINDS = ("boarded", "struck", "added", "swapped", "counted", "measured", "observed", "to_health", "moved")
COLOURS = ("grey", "green", "yellow", "red")


def _allow(table: str, column: str, constraint: str, values: tuple[str, ...]) -> None:
    change = f"ALTER TABLE transfers.{table}"
    # squawk-ignore: the same check with other values takes its place at once.
    op.execute(f"-- squawk-ignore ban-drop-constraint\n{change} DROP CONSTRAINT IF EXISTS {constraint}")
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"{change} ADD CONSTRAINT {constraint} CHECK ({column} IN ({listed})) NOT VALID")
    # squawk-ignore: a run is one transaction, and vehicles are few.
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\n{change} VALIDATE CONSTRAINT {constraint}")


def _choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    for table, column, constraint in CHECKED:
        _allow(table, column, constraint, (*BEFORE, "emptied"))
    op.create_table(
        "mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _choice("markkind", KINDS), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("colour", _choice("colour", COLOURS), nullable=True),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.CheckConstraint("num_nonnulls(operator_id, leader_id) = 1", name=op.f("ck_mark_written_by_one")),
        sa.ForeignKeyConstraint(["trip_id"], ["transfers.trip.id"], name=op.f("fk_mark_trip_id_trip")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["transfers.entry.id"], name=op.f("fk_mark_entry_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["transfers.entry.id"], name=op.f("fk_mark_leader_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_mark_operator_id_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_mark_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
        sa.UniqueConstraint("trip_id", "request_key", name=op.f("uq_mark_trip_id_request_key")),
        schema="transfers",
    )
    op.create_index("ix_mark_entry_id", "mark", ["entry_id", "at"], schema="transfers")
    op.create_index("ix_mark_leader_id", "mark", ["leader_id"], schema="transfers")


def downgrade() -> None:
    op.drop_table("mark", schema="transfers")
    emptied = sa.table("trip", sa.column("state"), schema="transfers")
    op.execute(sa.update(emptied).where(emptied.c.state == "emptied").values(state="returned"))
    for column in ("before", "after"):
        step = sa.table("trip_step", sa.column(column), schema="transfers")
        op.execute(sa.update(step).where(step.c[column] == "emptied").values({column: "returned"}))
    for table, column, constraint in CHECKED:
        _allow(table, column, constraint, BEFORE)
