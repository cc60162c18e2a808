"""Screens that show a place's code, journeys that workers declare, and two more sources of a sighting."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

SOURCES = ("place", "officer", "position")
NEW_SOURCES = ("screen", "vehicle")


def _check(sources: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{source}'" for source in sources)
    # squawk-ignore: the same check with other values takes its place at once.
    op.execute(
        "-- squawk-ignore ban-drop-constraint\n"
        "ALTER TABLE itinerary.sighting DROP CONSTRAINT IF EXISTS ck_sighting_source"
    )
    op.execute(
        f"ALTER TABLE itinerary.sighting ADD CONSTRAINT ck_sighting_source CHECK (source IN ({listed})) NOT VALID"
    )
    # squawk-ignore: a run is one transaction.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE itinerary.sighting VALIDATE CONSTRAINT ck_sighting_source"
    )


def _key(columns: str) -> None:
    # squawk-ignore: stays are built anew from sightings, and nothing refers to them.
    op.execute(
        "-- squawk-ignore ban-drop-constraint,disallowed-unique-constraint,adding-serial-primary-key-field\n"
        f"ALTER TABLE itinerary.stay DROP CONSTRAINT pk_stay, ADD CONSTRAINT pk_stay PRIMARY KEY ({columns})"
    )


def upgrade() -> None:
    _check(SOURCES + NEW_SOURCES)
    # Two proofs of one moment in two regions are two stays: one of them is wrong, and both are kept.
    _key("day, person_id, since, region_code")
    op.create_table(
        "screen",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device_hash", sa.LargeBinary(), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["itinerary.place.id"], name=op.f("fk_screen_place_id_place")),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_screen_operator_id_operator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screen")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_screen_token_hash")),
        schema="itinerary",
    )
    op.create_index("ix_screen_place_id", "screen", ["place_id", "id"], schema="itinerary")
    op.create_table(
        "declared_trip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "vehicle",
            sa.Enum(
                "train", "coach", "flight", "car", name="vehicle", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("from_region", sa.Text(), nullable=False),
        sa.Column("to_region", sa.Text(), nullable=False),
        sa.Column("departs_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_declared_trip_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_trip")),
        sa.UniqueConstraint("person_id", "request_key", name=op.f("uq_declared_trip_person_id_request_key")),
        schema="itinerary",
    )
    op.create_index("ix_declared_trip_person_id", "declared_trip", ["person_id", "departs_at"], schema="itinerary")
    op.create_index(
        "ix_declared_trip_number",
        "declared_trip",
        ["number", "departs_at"],
        schema="itinerary",
        postgresql_where=sa.text("number <> ''"),
    )


def downgrade() -> None:
    op.drop_table("declared_trip", schema="itinerary")
    op.drop_table("screen", schema="itinerary")
    op.execute("UPDATE itinerary.sighting SET source = 'place' WHERE source = 'screen'")
    op.execute("DELETE FROM itinerary.sighting WHERE source = 'vehicle'")
    op.execute(
        "DELETE FROM itinerary.stay a USING itinerary.stay b WHERE (a.day, a.person_id, a.since) = "
        "(b.day, b.person_id, b.since) AND a.region_code > b.region_code"
    )
    _key("day, person_id, since")
    _check(SOURCES)
