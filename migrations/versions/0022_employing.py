"""Which enterprise a roster means, who started work there, and the enterprises' own role."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

ROLES = ("official", "officer", "administrator", "supervisor")
KINDS = ("started", "absent", "undone")


def _allow(values: tuple[str, ...]) -> None:
    change = "ALTER TABLE accounts.membership"
    # squawk-ignore: the same check with other values takes its place at once.
    op.execute(f"-- squawk-ignore ban-drop-constraint\n{change} DROP CONSTRAINT IF EXISTS ck_membership_role")
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"{change} ADD CONSTRAINT ck_membership_role CHECK (role IN ({listed})) NOT VALID")
    # squawk-ignore: a run is one transaction, and operators are few.
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\n{change} VALIDATE CONSTRAINT ck_membership_role")


def upgrade() -> None:
    _allow((*ROLES, "employer"))
    op.create_table(
        "employer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_employer_transfer_id_transfer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_employer_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["accounts.organisation.id"], name=op.f("fk_employer_office_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_employer_operator_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
        schema="transfers",
    )
    op.create_index(
        "uq_employer_open",
        "employer",
        ["transfer_id", "name"],
        unique=True,
        schema="transfers",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_employer_organisation_id", "employer", ["organisation_id", "transfer_id"], schema="transfers")
    op.create_table(
        "start",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="startkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_until", sa.Date(), nullable=True),
        sa.Column("training", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["transfers.entry.id"], name=op.f("fk_start_entry_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_start_operator_id_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_start_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start")),
        sa.UniqueConstraint("entry_id", "request_key", name=op.f("uq_start_entry_id_request_key")),
        schema="transfers",
    )
    op.create_index("ix_start_entry_id", "start", ["entry_id", "id"], schema="transfers")
    op.create_index("ix_start_organisation_id", "start", ["organisation_id", "at"], schema="transfers")


def downgrade() -> None:
    op.drop_table("start", schema="transfers")
    op.drop_table("employer", schema="transfers")
    op.execute("DELETE FROM accounts.membership WHERE role = 'employer'")
    _allow(ROLES)
