"""Appeals against a colour: what was appealed, to whom it came, what was attached, what happened to it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

MOVES = ("filed", "attached", "escalated", "overdue", "proposed", "returned", "upheld", "refused")
TOLD = ("undeclared", "colour", "silent", "elsewhere", "claim", "trip")


def one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def tell_of(kinds: tuple[str, ...]) -> None:
    """Let messages be of these kinds. What is there fits already, so that it needn't be read while all wait."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    wider = "-- squawk-ignore ban-drop-constraint"
    op.execute(f"{wider}\nALTER TABLE notices.message DROP CONSTRAINT ck_message_kind")
    op.execute(f"ALTER TABLE notices.message ADD CONSTRAINT ck_message_kind CHECK (kind IN ({listed})) NOT VALID")


def upgrade() -> None:
    tell_of((*TOLD, "appeal"))
    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("finding", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("regions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", one_of("appealstate", "open", "proposed", "upheld", "refused"), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_top", sa.Boolean(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_office", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account.id"], name=op.f("fk_appeal_account_id_account")),
        sa.ForeignKeyConstraint(["answered_by"], ["accounts.operator.id"], name=op.f("fk_appeal_answered_by_operator")),
        sa.ForeignKeyConstraint(
            ["answered_office"], ["accounts.organisation.id"], name=op.f("fk_appeal_answered_office_organisation")
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["codes.decision.id"], name=op.f("fk_appeal_decision_id_decision")),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_appeal_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("person_id", "request_key", name=op.f("uq_appeal_person_id_request_key")),
        schema="codes",
    )
    op.create_index("ix_appeal_due_at", "appeal", ["due_at", "id"], schema="codes")
    op.create_index("ix_appeal_filed_at", "appeal", ["filed_at"], schema="codes")
    op.create_index("ix_appeal_regions", "appeal", ["regions"], schema="codes", postgresql_using="gin")
    op.create_index("uq_appeal_decision_id", "appeal", ["decision_id"], unique=True, schema="codes")
    op.create_index(
        "uq_appeal_waiting",
        "appeal",
        ["person_id", "rule"],
        unique=True,
        schema="codes",
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "appeal_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", one_of("filetype", "image/jpeg", "image/png", "application/pdf"), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("stored_as", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["codes.appeal.id"], name=op.f("fk_appeal_file_appeal_id_appeal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_file")),
        sa.UniqueConstraint("appeal_id", "digest", name=op.f("uq_appeal_file_appeal_id_digest")),
        schema="codes",
        info={"rights": "SELECT, INSERT"},
    )
    op.create_table(
        "appeal_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("move", one_of("appealmove", *MOVES), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["codes.appeal.id"], name=op.f("fk_appeal_step_appeal_id_appeal")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_appeal_step_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_appeal_step_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_step")),
        schema="codes",
        info={"rights": "SELECT, INSERT"},
    )
    op.create_index("ix_appeal_step_appeal_id", "appeal_step", ["appeal_id", "at"], schema="codes")


def downgrade() -> None:
    op.drop_table("appeal_step", schema="codes")
    op.drop_table("appeal_file", schema="codes")
    op.drop_table("appeal", schema="codes")
    op.execute("DELETE FROM notices.attempt WHERE message_id IN (SELECT id FROM notices.message WHERE kind = 'appeal')")
    op.execute("DELETE FROM notices.message WHERE kind = 'appeal'")
    tell_of(TOLD)
