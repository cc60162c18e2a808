"""Whole vehicles by their code, photos of certificates on paper, temporary officers of one shift on one phone."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

ROLES = ("official", "officer", "administrator", "supervisor", "employer")
FILE_TYPES = ("image/jpeg", "image/png", "application/pdf")


def _allow(values: tuple[str, ...]) -> None:
    change = "ALTER TABLE accounts.membership"
    # squawk-ignore: the same check with other values takes its place at once.
    op.execute(f"-- squawk-ignore ban-drop-constraint\n{change} DROP CONSTRAINT IF EXISTS ck_membership_role")
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"{change} ADD CONSTRAINT ck_membership_role CHECK (role IN ({listed})) NOT VALID")
    # squawk-ignore: a run is one transaction, and operators are few.
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\n{change} VALIDATE CONSTRAINT ck_membership_role")


def upgrade() -> None:
    _allow((*ROLES, "helper"))
    op.add_column("membership", sa.Column("until", sa.DateTime(timezone=True), nullable=True), schema="accounts")
    op.add_column("operator", sa.Column("device_key", sa.LargeBinary(), nullable=True), schema="accounts")
    op.create_table(
        "helper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("name_mask", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_mask", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_helper_operator_id_operator")),
        sa.ForeignKeyConstraint(["helper_id"], ["accounts.operator.id"], name=op.f("fk_helper_helper_id_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_helper_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_helper_token_hash")),
        schema="codes",
    )
    op.create_index("ix_helper_organisation_id", "helper", ["organisation_id", "until"], schema="codes")
    op.create_index("ix_helper_shift_id", "helper", ["shift_id"], schema="codes")
    op.create_index("uq_helper_helper_id", "helper", ["helper_id"], unique=True, schema="codes")
    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["transfers.trip.id"], name=op.f("fk_inspection_trip_id_trip")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_inspection_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_inspection_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("operator_id", "request_key", name=op.f("uq_inspection_operator_id_request_key")),
        schema="transfers",
    )
    op.create_index("ix_inspection_code_id", "inspection", ["code_id"], schema="transfers")
    op.create_index("ix_inspection_trip_id", "inspection", ["trip_id", "at"], schema="transfers")
    op.create_table(
        "reading_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reading_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("home_region", sa.Text(), nullable=False),
        sa.Column("place_region", sa.Text(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(*FILE_TYPES, name="filetype", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("stored_as", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_reading_photo_person_id_person")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_reading_photo_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["accounts.organisation.id"],
            name=op.f("fk_reading_photo_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_photo")),
        sa.UniqueConstraint("operator_id", "request_key", name=op.f("uq_reading_photo_operator_id_request_key")),
        schema="codes",
    )
    op.create_index("ix_reading_photo_reading_id", "reading_photo", ["reading_id"], schema="codes")
    op.create_index("ix_reading_photo_person_id", "reading_photo", ["person_id", "id"], schema="codes")
    op.create_index("ix_reading_photo_taken_at", "reading_photo", ["taken_at"], schema="codes")


def downgrade() -> None:
    op.drop_table("reading_photo", schema="codes")
    op.drop_table("inspection", schema="transfers")
    op.drop_table("helper", schema="codes")
    op.execute("DELETE FROM accounts.membership WHERE role = 'helper'")
    op.drop_column("operator", "device_key", schema="accounts")
    op.drop_column("membership", "until", schema="accounts")
    _allow(ROLES)
