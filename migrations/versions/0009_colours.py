"""Risk levels of regions, stays, versions of the colour rules, and officials' decisions about one person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
UNSTAYED = "NOT in_stay AND presence = 'proven' AND region_code IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "stay",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("proofs", sa.Integer(), nullable=False),
        sa.Column("contradicted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", "person_id", "since", name=op.f("pk_stay")),
        schema="itinerary",
        info={"daily": 14},
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index("ix_stay_person_id", "stay", ["person_id", "since"], unique=False, schema="itinerary")
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("order", "lift", name="decisionkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "colour",
            sa.Enum(
                "grey", "green", "yellow", "red", name="colour", native_enum=False, create_constraint=True, length=24
            ),
            nullable=True,
        ),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "quarantine", "emergency", "wrong", name="basis", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "in_force",
                "refused",
                "ended",
                name="decisionstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_office", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_office", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.operator.id"], name=op.f("fk_decision_decided_by_operator")),
        sa.ForeignKeyConstraint(
            ["decided_office"], ["accounts.organisation.id"], name=op.f("fk_decision_decided_office_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_decision_person_id_person")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["accounts.operator.id"], name=op.f("fk_decision_proposed_by_operator")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_office"], ["accounts.organisation.id"], name=op.f("fk_decision_proposed_office_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        schema="codes",
    )
    op.create_index(
        "ix_decision_person_id",
        "decision",
        ["person_id", "ends_at"],
        unique=False,
        schema="codes",
        postgresql_where=sa.text("state = 'in_force'"),
    )
    op.create_index("ix_decision_region_code", "decision", ["region_code", "id"], unique=False, schema="codes")
    op.create_index(
        "uq_decision_proposed",
        "decision",
        ["person_id"],
        unique=True,
        schema="codes",
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_force",
                "ended",
                "discarded",
                name="rulesetstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.operator.id"], name=op.f("fk_rule_set_decided_by_operator")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_rule_set_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["accounts.operator.id"], name=op.f("fk_rule_set_proposed_by_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("version", name=op.f("uq_rule_set_version")),
        schema="codes",
    )
    op.create_index(
        "uq_rule_set_in_force",
        "rule_set",
        ["state"],
        unique=True,
        schema="codes",
        postgresql_where=sa.text("state = 'in_force'"),
    )
    op.create_table(
        "risk_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("official", "computed", name="risksource", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "in_force",
                "discarded",
                name="liststate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("headings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.operator.id"], name=op.f("fk_risk_list_decided_by_operator")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_risk_list_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_risk_list_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_list")),
        schema="itinerary",
    )
    op.create_table(
        "region_risk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("official", "computed", name="risksource", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum("low", "medium", "high", name="level", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("fresh", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["itinerary.risk_list.id"], name=op.f("fk_region_risk_list_id_risk_list")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_risk")),
        sa.UniqueConstraint("region_code", "source", "since", name=op.f("uq_region_risk_region_code_source_since")),
        schema="itinerary",
    )
    op.create_index("ix_region_risk_level", "region_risk", ["level", "since"], unique=False, schema="itinerary")
    op.add_column(
        "sighting",
        sa.Column("in_stay", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="itinerary",
    )
    op.create_index(
        "ix_sighting_unstayed",
        "sighting",
        ["day", "id"],
        unique=False,
        schema="itinerary",
        postgresql_where=sa.text(UNSTAYED),
    )


def downgrade() -> None:
    op.drop_index("ix_sighting_unstayed", table_name="sighting", schema="itinerary", postgresql_where=sa.text(UNSTAYED))
    op.drop_column("sighting", "in_stay", schema="itinerary")
    op.drop_index("ix_region_risk_level", table_name="region_risk", schema="itinerary")
    op.drop_table("region_risk", schema="itinerary")
    op.drop_table("risk_list", schema="itinerary")
    op.drop_index(
        "uq_rule_set_in_force",
        table_name="rule_set",
        schema="codes",
        postgresql_where=sa.text("state = 'in_force'"),
    )
    op.drop_table("rule_set", schema="codes")
    op.drop_index(
        "uq_decision_proposed",
        table_name="decision",
        schema="codes",
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.drop_index("ix_decision_region_code", table_name="decision", schema="codes")
    op.drop_index(
        "ix_decision_person_id",
        table_name="decision",
        schema="codes",
        postgresql_where=sa.text("state = 'in_force'"),
    )
    op.drop_table("decision", schema="codes")
    op.drop_index("ix_stay_person_id", table_name="stay", schema="itinerary")
    op.drop_table("stay", schema="itinerary")
