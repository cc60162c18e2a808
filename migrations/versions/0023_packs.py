"""Packs of codes for showing without a network, the keys that sign officers' lists, and who issues whose codes."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("status", sa.Column("issuer", sa.Text(), nullable=True), schema="codes")
    op.create_table(
        "list_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("vouched", sa.LargeBinary(), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_list_key_kid")),
        schema="codes",
    )
    op.create_table(
        "pack",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("denied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_pack_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sa.UniqueConstraint("person_id", "request_key", name=op.f("uq_pack_person_id_request_key")),
        schema="codes",
    )
    op.create_index("ix_pack_ends_at", "pack", ["person_id", "ends_at"], schema="codes")
    op.create_index(
        "ix_pack_denied",
        "pack",
        ["ends_at"],
        schema="codes",
        postgresql_where=sa.text("denied_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("pack", schema="codes")
    op.drop_table("list_key", schema="codes")
    op.drop_column("status", "issuer", schema="codes")
