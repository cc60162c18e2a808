"""Temperatures that officers and leaders of vehicles took, and the rule for a fever among them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

# Whoever has rules of their own in force, or a draft, didn't decide on this one: it comes switched off.
RULE = """{"kind": "measured.fever", "colour": "yellow", "hours": 24, "limit": 373, "on": false,
"sentence": "在{地点}测得体温 {体温} ℃，达到或超过 {界限} ℃。", "authority": "现居住地县级疾病预防控制中心"}"""


def upgrade() -> None:
    op.create_table(
        "measurement",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("temperature", sa.Integer(), nullable=False),
        sa.Column(
            "taker",
            sa.Enum("officer", "leader", name="taker", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "id", name=op.f("pk_measurement")),
        sa.UniqueConstraint("day", "taker_id", "request_key", name=op.f("uq_measurement_day_taker_id_request_key")),
        schema="codes",
        info={"daily": 30, "rights": "SELECT, INSERT"},
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index("ix_measurement_person_id", "measurement", ["person_id", "at"], schema="codes")
    op.execute(
        f"UPDATE codes.rule_set SET rules = rules || jsonb_build_array('{RULE}'::jsonb) "  # noqa: S608 - our own text
        "WHERE state IN ('draft', 'in_force')"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE codes.rule_set SET rules = (SELECT jsonb_agg(rule) FROM jsonb_array_elements(rules) rule "
        "WHERE rule->>'kind' <> 'measured.fever') WHERE state IN ('draft', 'in_force')"
    )
    op.drop_table("measurement", schema="codes")
