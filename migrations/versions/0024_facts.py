"""Tests, certificates of health and provinces' own codes as facts, and the rules that look at them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

# Whoever has rules of their own in force, or a draft, didn't decide on these: they come switched off.
RULES = """[
{"kind": "test.positive", "colour": "red", "hours": 672, "limit": 24, "on": false,
 "sentence": "{采样} 采样，{机构}核酸检测阳性；隔 {小时} 小时以上两次采样都是阴性后不再计算。",
 "authority": "现居住地县级疾病预防控制中心"},
{"kind": "certificate.healthy", "colour": "green", "hours": 168, "limit": 0, "on": false,
 "sentence": "有健康证明：{机构} {日期} 出具，有效到 {到期}。", "authority": "现居住地县级疾病预防控制中心"},
{"kind": "province.red", "colour": "red", "hours": 24, "limit": 0, "on": false,
 "sentence": "{码} {时间} 查询为红码。", "authority": "{省}健康码主管部门"},
{"kind": "province.yellow", "colour": "yellow", "hours": 24, "limit": 0, "on": false,
 "sentence": "{码} {时间} 查询为黄码。", "authority": "{省}健康码主管部门"}
]"""


def one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("source", one_of("certificatesource", "worker", "officer"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("origin_code", sa.Text(), nullable=False),
        sa.Column(
            "state", one_of("certificatestate", "draft", "waiting", "confirmed", "refused", "withdrawn"), nullable=False
        ),
        sa.Column("kind", one_of("filetype", "image/jpeg", "image/png", "application/pdf"), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("stored_as", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_office", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account.id"], name=op.f("fk_certificate_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.operator.id"], name=op.f("fk_certificate_decided_by_operator")
        ),
        sa.ForeignKeyConstraint(
            ["decided_office"], ["accounts.organisation.id"], name=op.f("fk_certificate_decided_office_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_certificate_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_certificate_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_certificate_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("person_id", "request_key", name=op.f("uq_certificate_person_id_request_key")),
        schema="codes",
    )
    op.create_index("ix_certificate_origin_code", "certificate", ["origin_code", "id"], unique=False, schema="codes")
    op.create_index("ix_certificate_person_id", "certificate", ["person_id", "id"], unique=False, schema="codes")
    op.create_index("ix_certificate_region_code", "certificate", ["region_code", "id"], unique=False, schema="codes")
    op.create_index(
        "ix_certificate_valid",
        "certificate",
        ["valid_until"],
        unique=False,
        schema="codes",
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_table(
        "provincial_query",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("why", one_of("asked", "declared", "worker", "transfer"), nullable=False),
        sa.Column(
            "state",
            one_of("querystate", "queued", "asking", "answered", "nothing", "unanswered", "withheld"),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("colour", one_of("colour", "grey", "green", "yellow", "red"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.person.id"], name=op.f("fk_provincial_query_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provincial_query")),
        schema="codes",
        info={"aged": ("asked_at", 35)},
    )
    op.create_index(
        "ix_provincial_query_answered",
        "provincial_query",
        ["answered_at"],
        unique=False,
        schema="codes",
        postgresql_where=sa.text("state = 'answered'"),
    )
    op.create_index(
        "ix_provincial_query_open",
        "provincial_query",
        ["asked_at"],
        unique=False,
        schema="codes",
        postgresql_where=sa.text("state IN ('queued', 'asking')"),
    )
    op.create_index(
        "ix_provincial_query_person_id",
        "provincial_query",
        ["person_id", "province", "asked_at"],
        unique=False,
        schema="codes",
    )
    op.create_index(
        "uq_provincial_query_open",
        "provincial_query",
        ["person_id", "province"],
        unique=True,
        schema="codes",
        postgresql_where=sa.text("state IN ('queued', 'asking')"),
    )
    op.create_table(
        "result_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", one_of("resultliststate", "waiting", "confirmed", "discarded"), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=True),
        sa.Column("faults", sa.LargeBinary(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("positive", sa.Integer(), nullable=False),
        sa.Column("faulty", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.operator.id"], name=op.f("fk_result_list_decided_by_operator")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["accounts.operator.id"], name=op.f("fk_result_list_operator_id_operator")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_result_list_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_list")),
        schema="codes",
    )
    op.create_index(
        "ix_result_list_organisation_id", "result_list", ["organisation_id", "id"], unique=False, schema="codes"
    )
    op.create_table(
        "nucleic_test",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sampled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", one_of("tested", "positive", "negative"), nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("report_number", sa.Text(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["codes.result_list.id"], name=op.f("fk_nucleic_test_list_id_result_list")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts.organisation.id"], name=op.f("fk_nucleic_test_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person.id"], name=op.f("fk_nucleic_test_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nucleic_test")),
        sa.UniqueConstraint(
            "person_id", "laboratory", "report_number", name=op.f("uq_nucleic_test_person_id_laboratory_report_number")
        ),
        schema="codes",
        info={"aged": ("entered_at", 45), "rights": "SELECT, INSERT"},
    )
    op.create_index(
        "ix_nucleic_test_person_id", "nucleic_test", ["person_id", "sampled_at"], unique=False, schema="codes"
    )
    op.create_index(
        "ix_nucleic_test_positive",
        "nucleic_test",
        ["sampled_at"],
        unique=False,
        schema="codes",
        postgresql_where=sa.text("result = 'positive'"),
    )
    op.execute(
        f"UPDATE codes.rule_set SET rules = rules || '{RULES}'::jsonb "  # noqa: S608 - our own text
        "WHERE state IN ('draft', 'in_force')"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE codes.rule_set SET rules = (SELECT jsonb_agg(rule) FROM jsonb_array_elements(rules) rule WHERE "
        "rule->>'kind' NOT IN ('test.positive', 'certificate.healthy', 'province.red', 'province.yellow')) "
        "WHERE state IN ('draft', 'in_force')"
    )
    op.drop_table("nucleic_test", schema="codes")
    op.drop_table("result_list", schema="codes")
    op.drop_table("provincial_query", schema="codes")
    op.drop_table("certificate", schema="codes")
