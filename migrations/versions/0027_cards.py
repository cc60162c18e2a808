"""Printed identity cards; who declared for somebody else; leaders declare aboard; when a phone number was proven."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

REASONS = ("no_phone", "flat", "broken", "other")
MARKS = (
    "boarded",
    "struck",
    "added",
    "swapped",
    "counted",
    "measured",
    "observed",
    "to_health",
    "moved",
    "received",
    "not_received",
)
PROXIES = ("family", "leader")


def _allow(table: str, column: str, constraint: str, values: tuple[str, ...]) -> None:
    change = f"ALTER TABLE {table}"
    # squawk-ignore: the same check with other values takes its place at once.
    op.execute(f"-- squawk-ignore ban-drop-constraint\n{change} DROP CONSTRAINT IF EXISTS {constraint}")
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"{change} ADD CONSTRAINT {constraint} CHECK ({column} IN ({listed})) NOT VALID")
    # squawk-ignore: a run is one transaction, and these tables hold weeks.
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\n{change} VALIDATE CONSTRAINT {constraint}")


def upgrade() -> None:
    _allow("codes.lookup", "reason", "ck_lookup_lookupreason", (*REASONS, "card"))
    _allow("transfers.mark", "kind", "ck_mark_markkind", (*MARKS, "declared"))
    op.create_table(
        "card",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ended_as",
            sa.Enum("lost", "replaced", name="cardend", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_card_person_id_person")),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_card_operator_id_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_card_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["accounts.operator.id"], name=op.f("fk_card_ended_by_operator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("person_id", "version", name=op.f("uq_card_person_id_version")),
        sa.UniqueConstraint("number", name=op.f("uq_card_number")),
        sa.UniqueConstraint("digest", name=op.f("uq_card_digest")),
        schema="codes",
    )
    op.create_index(
        "uq_card_in_use",
        "card",
        ["person_id"],
        unique=True,
        schema="codes",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("account", sa.Column("phone_proven_at", sa.DateTime(timezone=True), nullable=True), schema="accounts")
    # When the numbers were proven isn't known: their time begins now.
    op.execute("UPDATE accounts.account SET phone_proven_at = now() WHERE phone_index IS NOT NULL")
    op.add_column("declaration", sa.Column("proxy", sa.String(24), nullable=True), schema="codes")
    op.add_column("declaration", sa.Column("proxy_name", sa.LargeBinary(), nullable=True), schema="codes")
    op.add_column("declaration", sa.Column("proxy_mask", sa.Text(), server_default="", nullable=False), schema="codes")
    op.add_column("declaration", sa.Column("proxy_place", sa.Text(), server_default="", nullable=False), schema="codes")
    _allow("codes.declaration", "proxy", "ck_declaration_proxy", PROXIES)


def downgrade() -> None:
    op.drop_column("account", "phone_proven_at", schema="accounts")
    op.drop_constraint("ck_declaration_proxy", "declaration", schema="codes")
    for column in ("proxy_place", "proxy_mask", "proxy_name", "proxy"):
        op.drop_column("declaration", column, schema="codes")
    op.drop_table("card", schema="codes")
    op.execute("DELETE FROM transfers.mark WHERE kind = 'declared'")
    _allow("transfers.mark", "kind", "ck_mark_markkind", MARKS)
    op.execute("DELETE FROM codes.lookup WHERE reason = 'card'")
    _allow("codes.lookup", "reason", "ck_lookup_lookupreason", REASONS)
