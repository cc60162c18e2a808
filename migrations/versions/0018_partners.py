"""Other governments' deployments: who they are, what they are told, what came from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

JSON = postgresql.JSONB(astext_type=sa.Text())


def one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    op.execute("CREATE SCHEMA partners")
    op.add_column(
        "transfer",
        sa.Column("elsewhere", sa.Boolean(), nullable=False, server_default=sa.false()),
        schema="transfers",
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("regions", JSON, nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("signing_key", sa.Text(), nullable=False),
        sa.Column("sealing_key", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("previous_digest", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("own_client_id", sa.Text(), nullable=False),
        sa.Column("own_secret", sa.LargeBinary(), nullable=True),
        sa.Column("state", one_of("partnerstate", "active", "revoked"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_partner_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_partner_operator_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_partner_organisation_id")),
        sa.UniqueConstraint("client_id", name=op.f("uq_partner_client_id")),
        schema="partners",
    )
    op.create_table(
        "link",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("steps_until", sa.Uuid(), nullable=False),
        sa.Column("roster_digest", sa.LargeBinary(), nullable=True),
        sa.Column("colours_digest", sa.LargeBinary(), nullable=True),
        sa.Column("arrivals_digest", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.partner.id"], name=op.f("fk_link_partner_id_partner")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_link_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_link")),
        sa.UniqueConstraint("partner_id", "reference", name=op.f("uq_link_partner_id_reference")),
        schema="partners",
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            one_of("messagekind", "transfer.offer", "transfer.move", "trip.move", "colours", "arrivals"),
            nullable=False,
        ),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("state", one_of("sendstate", "waiting", "done", "refused", "stuck", "dropped"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.partner.id"], name=op.f("fk_message_partner_id_partner")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_message_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        schema="partners",
        info={"aged": ("created_at", 180)},
    )
    op.create_index(
        "ix_message_waiting",
        "message",
        ["next_at"],
        unique=False,
        schema="partners",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_message_transfer_id", "message", ["transfer_id", "id"], unique=False, schema="partners")
    op.create_table(
        "received",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.partner.id"], name=op.f("fk_received_partner_id_partner")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("pk_received")),
        schema="partners",
        info={"aged": ("at", 30), "rights": "SELECT, INSERT"},
    )
    op.create_index("ix_received_partner_id", "received", ["partner_id", "at"], unique=False, schema="partners")
    op.create_table(
        "told",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("colour", one_of("colour", "grey", "green", "yellow", "red"), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["transfers.entry.id"], name=op.f("fk_told_entry_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_told_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_told")),
        schema="partners",
    )
    op.create_index("ix_told_transfer_id", "told", ["transfer_id"], unique=False, schema="partners")


def downgrade() -> None:
    op.execute("DELETE FROM core.aged_table WHERE name LIKE 'partners.%'")
    op.execute("DROP SCHEMA partners CASCADE")
    op.drop_column("transfer", "elsewhere", schema="transfers")
