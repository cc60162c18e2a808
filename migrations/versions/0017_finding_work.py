"""Findings have a deadline, an owner and a history; a stay in a region at risk is one."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

KINDS = (
    "unregistered",
    "undeclared",
    "not_green",
    "expiring",
    "silent",
    "off_route",
    "elsewhere",
    "overdue",
)
MOVES = ("taken", "handed", "returned", "noted", "settled", "reopened")


def kinds_of(kinds: tuple[str, ...]) -> None:
    """Let findings be of these kinds. What is there fits already, so that it needn't be read while all wait."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in ("finding", "tally"):
        wider = "-- squawk-ignore ban-drop-constraint"
        op.execute(f"{wider}\nALTER TABLE checks.{table} DROP CONSTRAINT ck_{table}_kind")
        op.execute(f"ALTER TABLE checks.{table} ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ({listed})) NOT VALID")


def upgrade() -> None:
    kinds_of((*KINDS, "risky"))
    op.add_column("finding", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True), schema="checks")
    op.add_column("finding", sa.Column("owner_id", sa.Uuid(), nullable=True), schema="checks")
    op.add_column("finding", sa.Column("owner_office", sa.Uuid(), nullable=True), schema="checks")
    op.add_column("finding", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True), schema="checks")
    op.execute("UPDATE checks.finding SET due_at = opened_at + interval '1 day' WHERE closed_at IS NULL")
    op.create_foreign_key(
        op.f("fk_finding_owner_id_operator"),
        "finding",
        "operator",
        ["owner_id"],
        ["id"],
        source_schema="checks",
        referent_schema="accounts",
    )
    op.create_foreign_key(
        op.f("fk_finding_owner_office_organisation"),
        "finding",
        "organisation",
        ["owner_office"],
        ["id"],
        source_schema="checks",
        referent_schema="accounts",
    )
    op.create_index(
        "ix_finding_due",
        "finding",
        ["transfer_id", "due_at", "id"],
        schema="checks",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_finding_owner_id",
        "finding",
        ["owner_id"],
        schema="checks",
        postgresql_where=sa.text("closed_at IS NULL AND owner_id IS NOT NULL"),
    )
    op.create_table(
        "finding_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column(
            "move",
            sa.Enum(*MOVES, name="move", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("to_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["checks.finding.id"],
            name=op.f("fk_finding_step_finding_id_finding"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_finding_step_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["accounts.organisation.id"],
            name=op.f("fk_finding_step_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["to_id"], ["accounts.operator.id"], name=op.f("fk_finding_step_to_id_operator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_step")),
        schema="checks",
        info={"rights": "SELECT, INSERT"},
    )
    op.create_index("ix_finding_step_finding_id", "finding_step", ["finding_id", "at"], schema="checks")


def downgrade() -> None:
    op.drop_table("finding_step", schema="checks")
    op.drop_index("ix_finding_owner_id", table_name="finding", schema="checks")
    op.drop_index("ix_finding_due", table_name="finding", schema="checks")
    for column in ("settled_at", "owner_office", "owner_id", "due_at"):
        op.drop_column("finding", column, schema="checks")
    op.execute("DELETE FROM checks.finding WHERE kind = 'risky'")
    op.execute("DELETE FROM checks.tally WHERE kind = 'risky'")
    kinds_of(KINDS)
