"""The tables of the first journey."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("openid", sa.LargeBinary(), nullable=True),
        sa.Column("openid_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_mask", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        schema="accounts",
    )
    op.create_index("uq_account_openid", "account", ["openid_index"], unique=True, schema="accounts")
    op.create_index("uq_account_phone", "account", ["phone_index"], unique=True, schema="accounts")
    op.create_table(
        "operator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("username", name=op.f("uq_operator_username")),
        schema="accounts",
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "government",
                "checkpoint",
                "enterprise",
                "bank",
                "regulator",
                "platform",
                name="organisationkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
        schema="accounts",
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_mask", sa.Text(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.LargeBinary(), nullable=False),
        sa.Column("resident_id_mask", sa.Text(), nullable=False),
        sa.Column("resident_id_index", sa.LargeBinary(), nullable=False),
        sa.Column("last_four_index", sa.LargeBinary(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        schema="accounts",
    )
    op.create_index("ix_person_last_four_index", "person", ["last_four_index"], unique=False, schema="accounts")
    op.create_index("ix_person_resident_id_index", "person", ["resident_id_index"], unique=False, schema="accounts")
    op.create_index(
        "uq_person_verified",
        "person",
        ["resident_id_index"],
        unique=True,
        schema="accounts",
        postgresql_where=sa.text("verified_at IS NOT NULL"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "check",
            sa.Enum("health", "location", name="check", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        schema="checks",
    )
    op.create_index("ix_run_check", "run", ["check", "started_at"], unique=False, schema="checks")
    op.create_index(
        "uq_run_open", "run", ["check"], unique=True, schema="checks", postgresql_where=sa.text("finished_at IS NULL")
    )
    op.create_table(
        "colour_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "before",
            sa.Enum(
                "grey", "green", "yellow", "red", name="before", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "grey", "green", "yellow", "red", name="after", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colour_change")),
        schema="codes",
        info={"rights": "SELECT, INSERT"},
    )
    op.create_index("ix_colour_change_person_id", "colour_change", ["person_id", "at"], unique=False, schema="codes")
    op.create_table(
        "declaration",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("temperature", sa.Integer(), nullable=False),
        sa.Column("symptoms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("contact", sa.Boolean(), nullable=False),
        sa.Column("abroad", sa.Boolean(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "id", name=op.f("pk_declaration")),
        sa.UniqueConstraint("day", "person_id", "request_key", name=op.f("uq_declaration_day_person_id_request_key")),
        schema="codes",
        info={"daily": 30, "rights": "SELECT, INSERT"},
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index("ix_declaration_person_id", "declaration", ["person_id", "at"], unique=False, schema="codes")
    op.create_table(
        "issuer_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_issuer_key_kid")),
        schema="codes",
    )
    op.create_table(
        "reading",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("code_id", sa.LargeBinary(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "passes",
                "refused",
                "out_of_date",
                "cannot_be_checked",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "colour",
            sa.Enum(
                "grey", "green", "yellow", "red", name="colour", native_enum=False, create_constraint=True, length=24
            ),
            nullable=True,
        ),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("seen_elsewhere", sa.Boolean(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "id", name=op.f("pk_reading")),
        sa.UniqueConstraint("day", "operator_id", "request_key", name=op.f("uq_reading_day_operator_id_request_key")),
        schema="codes",
        info={"daily": 14, "rights": "SELECT, INSERT"},
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index("ix_reading_code_id", "reading", ["code_id"], unique=False, schema="codes")
    op.create_index("ix_reading_organisation_id", "reading", ["organisation_id", "at"], unique=False, schema="codes")
    op.create_index("ix_reading_person_id", "reading", ["person_id", "at"], unique=False, schema="codes")
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("listener", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        schema="core",
    )
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["next_at"],
        unique=False,
        schema="core",
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "sighting",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "place", "officer", "position", name="source", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column(
            "presence",
            sa.Enum("proven", "unproven", name="presence", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("doubt", sa.Text(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("located", sa.Boolean(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "id", name=op.f("pk_sighting")),
        sa.UniqueConstraint("day", "person_id", "request_key", name=op.f("uq_sighting_day_person_id_request_key")),
        schema="itinerary",
        info={"daily": 14},
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index("ix_sighting_person_id", "sighting", ["person_id", "at"], unique=False, schema="itinerary")
    op.create_index(
        "ix_sighting_unlocated",
        "sighting",
        ["at"],
        unique=False,
        schema="itinerary",
        postgresql_where=sa.text("NOT located"),
    )
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id_index", sa.LargeBinary(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column(
            "change",
            sa.Enum("added", "changed", "missing", name="change", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_mask", sa.Text(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.LargeBinary(), nullable=False),
        sa.Column("resident_id_mask", sa.Text(), nullable=False),
        sa.Column("last_four_index", sa.LargeBinary(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("address_mask", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_mask", sa.Text(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("poor", sa.Boolean(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("departs_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "mode",
            sa.Enum(
                "coach",
                "train",
                "plane",
                "own_car",
                "other",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("vehicle", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "resident_id_index", name=op.f("pk_import_row")),
        schema="transfers",
    )
    op.create_index(
        "ix_import_row_change",
        "import_row",
        ["import_id", "change", "sort_key", "resident_id_index"],
        unique=False,
        schema="transfers",
        postgresql_where=sa.text("change IS NOT NULL"),
    )
    op.create_table(
        "access_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_index", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_access_log_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_access_log_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
        schema="accounts",
        info={"rights": "SELECT, INSERT"},
    )
    op.create_index(
        "ix_access_log_organisation_id", "access_log", ["organisation_id", "at"], unique=False, schema="accounts"
    )
    op.create_index(
        "ix_access_log_subject_index", "access_log", ["subject_index", "at"], unique=False, schema="accounts"
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "basic", "sensitive", "sharing", name="purpose", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account.id"], name=op.f("fk_consent_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        schema="accounts",
        info={"rights": "SELECT, INSERT"},
    )
    op.create_index("ix_consent_account_id", "consent", ["account_id", "purpose"], unique=False, schema="accounts")
    op.create_table(
        "holding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum("self", "family", "leader", name="relation", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "confirmed",
                "pending",
                "refused",
                "ended",
                name="holdingstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "not_on_roster",
                "held_already",
                name="claimreason",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account.id"], name=op.f("fk_holding_account_id_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.operator.id"], name=op.f("fk_holding_decided_by_operator")),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_holding_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holding")),
        sa.UniqueConstraint("account_id", "person_id", name=op.f("uq_holding_account_id_person_id")),
        schema="accounts",
    )
    op.create_index(
        "ix_holding_pending",
        "holding",
        ["region_code", "claimed_at"],
        unique=False,
        schema="accounts",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_holding_person_id", "holding", ["person_id"], unique=False, schema="accounts")
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "official",
                "officer",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_membership_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_membership_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "operator_id", "organisation_id", "role", name=op.f("uq_membership_operator_id_organisation_id_role")
        ),
        schema="accounts",
    )
    op.create_table(
        "refresh_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("family", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account.id"], name=op.f("fk_refresh_token_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_refresh_token_digest")),
        schema="accounts",
    )
    op.create_index("ix_refresh_token_family", "refresh_token", ["family"], unique=False, schema="accounts")
    op.create_table(
        "status",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "colour",
            sa.Enum(
                "grey", "green", "yellow", "red", name="colour", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("temperature", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_status_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_status")),
        schema="codes",
    )
    op.create_index("ix_status_until", "status", ["until"], unique=False, schema="codes")
    op.create_table(
        "last_seen",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sign_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_last_seen_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_last_seen")),
        schema="itinerary",
    )
    op.create_table(
        "place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("radius_m", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_place_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        schema="itinerary",
    )
    op.create_index("ix_place_organisation_id", "place", ["organisation_id"], unique=False, schema="itinerary")
    op.create_table(
        "grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account.id"], name=op.f("fk_grant_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
        sa.UniqueConstraint("account_id", "template", name=op.f("uq_grant_account_id_template")),
        schema="notices",
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "undeclared",
                "colour",
                "silent",
                "elsewhere",
                "claim",
                "trip",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_message_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("person_id", "topic", name=op.f("uq_message_person_id_topic")),
        schema="notices",
    )
    op.create_index("ix_message_person_id", "message", ["person_id", "created_at"], unique=False, schema="notices")
    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("destination_id", sa.Uuid(), nullable=False),
        sa.Column("origin_region", sa.Text(), nullable=False),
        sa.Column("destination_region", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "offered",
                "agreed",
                "closed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["destination_id"], ["accounts.organisation.id"], name=op.f("fk_transfer_destination_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["origin_id"], ["accounts.organisation.id"], name=op.f("fk_transfer_origin_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        schema="transfers",
    )
    op.create_index(
        "ix_transfer_destination_id", "transfer", ["destination_id", "created_at"], unique=False, schema="transfers"
    )
    op.create_index("ix_transfer_origin_id", "transfer", ["origin_id", "created_at"], unique=False, schema="transfers")
    op.create_table(
        "tally",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "unregistered",
                "undeclared",
                "not_green",
                "expiring",
                "silent",
                "off_route",
                "elsewhere",
                "overdue",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_tally_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("transfer_id", "kind", name=op.f("pk_tally")),
        schema="checks",
    )
    op.create_table(
        "poster",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["itinerary.place.id"], name=op.f("fk_poster_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poster")),
        sa.UniqueConstraint("place_id", "version", name=op.f("uq_poster_place_id_version")),
        sa.UniqueConstraint("token", name=op.f("uq_poster_token")),
        schema="itinerary",
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("wechat", "sms", name="channel", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "delivered",
                "failed",
                "unknown",
                "skipped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account.id"], name=op.f("fk_attempt_account_id_account")),
        sa.ForeignKeyConstraint(["message_id"], ["notices.message.id"], name=op.f("fk_attempt_message_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "message_id", "account_id", "channel", name=op.f("uq_attempt_message_id_account_id_channel")
        ),
        schema="notices",
    )
    op.create_index(
        "ix_attempt_due_at",
        "attempt",
        ["due_at"],
        unique=False,
        schema="notices",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "roster_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("stored_as", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "reading",
                "waiting",
                "applying",
                "done",
                "refused",
                "discarded",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=True),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("remove_missing", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("notes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("faults_file", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_roster_import_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_roster_import_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
        schema="transfers",
    )
    op.create_index(
        "ix_roster_import_transfer_id", "roster_import", ["transfer_id", "created_at"], unique=False, schema="transfers"
    )
    op.create_index(
        "uq_roster_import_open",
        "roster_import",
        ["transfer_id"],
        unique=True,
        schema="transfers",
        postgresql_where=sa.text("state IN ('applying', 'queued', 'reading', 'waiting')"),
    )
    op.create_table(
        "step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "before",
            sa.Enum(
                "draft",
                "offered",
                "agreed",
                "closed",
                "cancelled",
                name="before",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "draft",
                "offered",
                "agreed",
                "closed",
                "cancelled",
                name="after",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.operator.id"], name=op.f("fk_step_operator_id_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_step_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_step_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        schema="transfers",
        info={"rights": "SELECT, INSERT"},
    )
    op.create_index("ix_step_transfer_id", "step", ["transfer_id", "at"], unique=False, schema="transfers")
    op.create_table(
        "tally",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "colour",
            sa.Enum(
                "grey", "green", "yellow", "red", name="colour", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("poor", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_tally_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("transfer_id", "colour", name=op.f("pk_tally")),
        schema="transfers",
    )
    op.create_table(
        "trip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "coach",
                "train",
                "plane",
                "own_car",
                "other",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("departs_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("route", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("green", sa.Integer(), nullable=False),
        sa.Column("yellow", sa.Integer(), nullable=False),
        sa.Column("red", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_trip_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip")),
        schema="transfers",
    )
    op.create_index("ix_trip_departs_at", "trip", ["transfer_id", "departs_at", "id"], unique=False, schema="transfers")
    op.create_index(
        "ix_trip_unplanned",
        "trip",
        ["transfer_id"],
        unique=False,
        schema="transfers",
        postgresql_where=sa.text("route IS NULL"),
    )
    op.create_index(
        "uq_trip_departure",
        "trip",
        ["transfer_id", "vehicle", "mode", sa.literal_column("coalesce(departs_at, '-infinity')")],
        unique=True,
        schema="transfers",
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_mask", sa.Text(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.LargeBinary(), nullable=False),
        sa.Column("resident_id_mask", sa.Text(), nullable=False),
        sa.Column("resident_id_index", sa.LargeBinary(), nullable=False),
        sa.Column("last_four_index", sa.LargeBinary(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("address_mask", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_mask", sa.Text(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("poor", sa.Boolean(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column(
            "colour",
            sa.Enum(
                "grey", "green", "yellow", "red", name="colour", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["transfers.roster_import.id"], name=op.f("fk_entry_import_id_roster_import")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_entry_person_id_person")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_entry_transfer_id_transfer")),
        sa.ForeignKeyConstraint(["trip_id"], ["transfers.trip.id"], name=op.f("fk_entry_trip_id_trip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("resident_id_index", "transfer_id", name=op.f("uq_entry_resident_id_index_transfer_id")),
        schema="transfers",
    )
    op.create_index(
        "ix_entry_colour", "entry", ["transfer_id", "colour", "sort_key", "id"], unique=False, schema="transfers"
    )
    op.create_index("ix_entry_last_four", "entry", ["transfer_id", "last_four_index"], unique=False, schema="transfers")
    op.create_index("ix_entry_list", "entry", ["transfer_id", "sort_key", "id"], unique=False, schema="transfers")
    op.create_index("ix_entry_number", "entry", ["transfer_id", "number", "id"], unique=False, schema="transfers")
    op.create_index(
        "ix_entry_person_id",
        "entry",
        ["person_id"],
        unique=False,
        schema="transfers",
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    op.create_index("ix_entry_phone_index", "entry", ["transfer_id", "phone_index"], unique=False, schema="transfers")
    op.create_index("ix_entry_trip_id", "entry", ["trip_id", "sort_key", "id"], unique=False, schema="transfers")
    op.create_index(
        "ix_entry_unclaimed",
        "entry",
        ["transfer_id", "sort_key", "id"],
        unique=False,
        schema="transfers",
        postgresql_where=sa.text("person_id IS NULL"),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "unregistered",
                "undeclared",
                "not_green",
                "expiring",
                "silent",
                "off_route",
                "elsewhere",
                "overdue",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["transfers.entry.id"], name=op.f("fk_finding_entry_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.transfer.id"], name=op.f("fk_finding_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        schema="checks",
    )
    op.create_index("ix_finding_entry_id", "finding", ["entry_id"], unique=False, schema="checks")
    op.create_index(
        "ix_finding_kind",
        "finding",
        ["transfer_id", "kind", "opened_at", "id"],
        unique=False,
        schema="checks",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_finding_transfer",
        "finding",
        ["transfer_id", "opened_at", "id"],
        unique=False,
        schema="checks",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "uq_finding_open",
        "finding",
        ["entry_id", "kind"],
        unique=True,
        schema="checks",
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_finding_open", table_name="finding", schema="checks", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(
        "ix_finding_transfer", table_name="finding", schema="checks", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(
        "ix_finding_kind", table_name="finding", schema="checks", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index("ix_finding_entry_id", table_name="finding", schema="checks")
    op.drop_table("finding", schema="checks")
    op.drop_index(
        "ix_entry_unclaimed", table_name="entry", schema="transfers", postgresql_where=sa.text("person_id IS NULL")
    )
    op.drop_index("ix_entry_trip_id", table_name="entry", schema="transfers")
    op.drop_index("ix_entry_phone_index", table_name="entry", schema="transfers")
    op.drop_index(
        "ix_entry_person_id", table_name="entry", schema="transfers", postgresql_where=sa.text("person_id IS NOT NULL")
    )
    op.drop_index("ix_entry_number", table_name="entry", schema="transfers")
    op.drop_index("ix_entry_list", table_name="entry", schema="transfers")
    op.drop_index("ix_entry_last_four", table_name="entry", schema="transfers")
    op.drop_index("ix_entry_colour", table_name="entry", schema="transfers")
    op.drop_table("entry", schema="transfers")
    op.drop_index("uq_trip_departure", table_name="trip", schema="transfers")
    op.drop_index("ix_trip_unplanned", table_name="trip", schema="transfers", postgresql_where=sa.text("route IS NULL"))
    op.drop_index("ix_trip_departs_at", table_name="trip", schema="transfers")
    op.drop_table("trip", schema="transfers")
    op.drop_table("tally", schema="transfers")
    op.drop_index("ix_step_transfer_id", table_name="step", schema="transfers")
    op.drop_table("step", schema="transfers")
    op.drop_index(
        "uq_roster_import_open",
        table_name="roster_import",
        schema="transfers",
        postgresql_where=sa.text("state IN ('applying', 'queued', 'reading', 'waiting')"),
    )
    op.drop_index("ix_roster_import_transfer_id", table_name="roster_import", schema="transfers")
    op.drop_table("roster_import", schema="transfers")
    op.drop_index(
        "ix_attempt_due_at", table_name="attempt", schema="notices", postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.drop_table("attempt", schema="notices")
    op.drop_table("poster", schema="itinerary")
    op.drop_table("tally", schema="checks")
    op.drop_index("ix_transfer_origin_id", table_name="transfer", schema="transfers")
    op.drop_index("ix_transfer_destination_id", table_name="transfer", schema="transfers")
    op.drop_table("transfer", schema="transfers")
    op.drop_index("ix_message_person_id", table_name="message", schema="notices")
    op.drop_table("message", schema="notices")
    op.drop_table("grant", schema="notices")
    op.drop_index("ix_place_organisation_id", table_name="place", schema="itinerary")
    op.drop_table("place", schema="itinerary")
    op.drop_table("last_seen", schema="itinerary")
    op.drop_index("ix_status_until", table_name="status", schema="codes")
    op.drop_table("status", schema="codes")
    op.drop_index("ix_refresh_token_family", table_name="refresh_token", schema="accounts")
    op.drop_table("refresh_token", schema="accounts")
    op.drop_table("membership", schema="accounts")
    op.drop_index("ix_holding_person_id", table_name="holding", schema="accounts")
    op.drop_index(
        "ix_holding_pending", table_name="holding", schema="accounts", postgresql_where=sa.text("state = 'pending'")
    )
    op.drop_table("holding", schema="accounts")
    op.drop_index("ix_consent_account_id", table_name="consent", schema="accounts")
    op.drop_table("consent", schema="accounts")
    op.drop_index("ix_access_log_subject_index", table_name="access_log", schema="accounts")
    op.drop_index("ix_access_log_organisation_id", table_name="access_log", schema="accounts")
    op.drop_table("access_log", schema="accounts")
    op.drop_index(
        "ix_import_row_change",
        table_name="import_row",
        schema="transfers",
        postgresql_where=sa.text("change IS NOT NULL"),
    )
    op.drop_table("import_row", schema="transfers")
    op.drop_index(
        "ix_sighting_unlocated", table_name="sighting", schema="itinerary", postgresql_where=sa.text("NOT located")
    )
    op.drop_index("ix_sighting_person_id", table_name="sighting", schema="itinerary")
    op.drop_table("sighting", schema="itinerary")
    op.drop_index(
        "ix_delivery_waiting", table_name="delivery", schema="core", postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_table("delivery", schema="core")
    op.drop_index("ix_reading_person_id", table_name="reading", schema="codes")
    op.drop_index("ix_reading_organisation_id", table_name="reading", schema="codes")
    op.drop_index("ix_reading_code_id", table_name="reading", schema="codes")
    op.drop_table("reading", schema="codes")
    op.drop_table("issuer_key", schema="codes")
    op.drop_index("ix_declaration_person_id", table_name="declaration", schema="codes")
    op.drop_table("declaration", schema="codes")
    op.drop_index("ix_colour_change_person_id", table_name="colour_change", schema="codes")
    op.drop_table("colour_change", schema="codes")
    op.drop_index("uq_run_open", table_name="run", schema="checks", postgresql_where=sa.text("finished_at IS NULL"))
    op.drop_index("ix_run_check", table_name="run", schema="checks")
    op.drop_table("run", schema="checks")
    op.drop_index(
        "uq_person_verified",
        table_name="person",
        schema="accounts",
        postgresql_where=sa.text("verified_at IS NOT NULL"),
    )
    op.drop_index("ix_person_resident_id_index", table_name="person", schema="accounts")
    op.drop_index("ix_person_last_four_index", table_name="person", schema="accounts")
    op.drop_table("person", schema="accounts")
    op.drop_table("organisation", schema="accounts")
    op.drop_table("operator", schema="accounts")
    op.drop_index("uq_account_phone", table_name="account", schema="accounts")
    op.drop_index("uq_account_openid", table_name="account", schema="accounts")
    op.drop_table("account", schema="accounts")
