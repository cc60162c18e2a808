"""The migrations make what the models say, as the owner; the application's role gets no more than they allow."""

import subprocess
import sys

import psycopg
import pytest

from backend.core.config import Config
from backend.core.db import Base
from tests.conftest import ROOT, environment


@pytest.mark.usefixtures("application")
def test_models_and_migrations_agree(config: Config):
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment(config), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_table_grants_what_its_model_says(superuser: psycopg.Connection):
    for table in Base.metadata.sorted_tables:
        rows = superuser.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'linghuo' AND table_schema = %s AND table_name = %s",
            (table.schema, table.name),
        ).fetchall()
        wanted = str(table.info.get("rights", "SELECT, INSERT, UPDATE, DELETE"))
        assert {name for (name,) in rows} == set(wanted.split(", ")), table.fullname


def test_the_application_role_is_nobody_special(superuser: psycopg.Connection):
    row = superuser.execute(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = 'linghuo'"
    ).fetchone()
    assert row == (False, False, False, False)
    owned = superuser.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'linghuo'").fetchone()
    assert owned == (0,)


def test_the_partition_functions_are_not_for_everybody(superuser: psycopg.Connection):
    for name in ("make_partition", "drop_partition"):
        allowed = superuser.execute(
            "SELECT has_function_privilege('public', format('core.%%s(text, date)', %s::text), 'EXECUTE')", (name,)
        ).fetchone()
        assert allowed == (False,), name
