"""A certificate of health comes from the worker's phone alone: no source, officer or place to keep."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

COLUMNS = ("source", "operator_id", "organisation_id", "place")


def upgrade() -> None:
    dropped = ", ".join(f"DROP COLUMN {name}" for name in COLUMNS)
    # squawk-ignore: nothing wrote an officer into them, and no page or document asks for them any more.
    op.execute(f"-- squawk-ignore ban-drop-column\nALTER TABLE codes.certificate {dropped}")


def downgrade() -> None:
    source = sa.Enum(
        "worker", "officer", name="certificatesource", native_enum=False, create_constraint=True, length=24
    )
    op.add_column("certificate", sa.Column("source", source, nullable=False, server_default="worker"), schema="codes")
    op.add_column("certificate", sa.Column("operator_id", sa.Uuid(), nullable=True), schema="codes")
    op.add_column("certificate", sa.Column("organisation_id", sa.Uuid(), nullable=True), schema="codes")
    op.add_column("certificate", sa.Column("place", sa.Text(), nullable=False, server_default=""), schema="codes")
    for column, table in (("operator_id", "operator"), ("organisation_id", "organisation")):
        op.create_foreign_key(
            op.f(f"fk_certificate_{column}_{table}"),
            "certificate",
            table,
            [column],
            ["id"],
            source_schema="codes",
            referent_schema="accounts",
        )
