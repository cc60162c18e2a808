"""Officers who look at a whole vehicle by its code, and photos of certificates on paper."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

FILE_TYPES = ("image/jpeg", "image/png", "application/pdf")


def upgrade() -> None:
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
