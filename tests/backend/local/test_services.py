"""The embedded servers: kept data, asked passwords, rights, several side by side, and what a kill leaves."""

import os
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError
from sqlalchemy import make_url

from backend.local import ground, leftovers, services
from backend.local.problems import Problem
from backend.local.secrets_file import FILE, load_or_make
from backend.local.services import Services


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that PostgreSQL's own user can reach when the tests run as root."""
    path = Path(tempfile.mkdtemp(prefix="linghuo-test-"))
    yield path
    leftovers.end(path)
    services.remove(path)


@pytest.fixture
def running(folder: Path) -> Iterator[Services]:
    started = services.start(folder, services.free_port(), durable=False)
    yield started
    started.stop()


def connect(url: str, username: str | None = None, password: str | None = None) -> psycopg.Connection:
    parsed = make_url(url).set(drivername="postgresql", username=username, password=password)
    return psycopg.connect(parsed.render_as_string(hide_password=False), autocommit=True)


def test_a_restart_keeps_the_data(folder: Path) -> None:
    port = services.free_port()
    with_data = services.start(folder, port)
    with connect(with_data.database_owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with Redis.from_url(with_data.redis_url) as redis:
        redis.set("kept", "42")
    with_data.stop()

    again = services.start(folder, port)
    try:
        with connect(again.database_owner_url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
        with Redis.from_url(again.redis_url) as redis:
            assert redis.get("kept") == b"42"
        assert again.database_url == with_data.database_url
    finally:
        again.stop()


def test_data_outlives_sigkill_of_everything(folder: Path) -> None:
    port = services.free_port()
    killed = services.start(folder, port)
    with connect(killed.database_owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with Redis.from_url(killed.redis_url) as redis:
        redis.set("kept", "42")
    postmaster = psutil.Process(killed.processes["postgres"].pid)
    for process in [*postmaster.children(recursive=True), postmaster]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    killed.processes["valkey"].kill()
    killed.stop()

    again = services.start(folder, port)
    try:
        with connect(again.database_owner_url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
        with Redis.from_url(again.redis_url) as redis:
            assert redis.get("kept") == b"42"
    finally:
        again.stop()


def test_servers_that_outlived_their_starter_are_ended_by_the_next_start(folder: Path) -> None:
    port = services.free_port()
    orphaned = services.start(folder, port, durable=False)
    orphaned.lock.close()

    again = services.start(folder, port, durable=False)
    try:
        assert orphaned.processes["postgres"].wait(5) == 0
        assert orphaned.processes["valkey"].wait(5) == 0
        with connect(again.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        again.stop()


def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    cluster = services.find_cluster(folder, durable=False)
    cluster.ground.claim(cluster.ground.cluster)
    (cluster.ground.cluster / "data.new").mkdir()
    (cluster.ground.cluster / "data.new" / "PG_VERSION").write_text("18")
    (cluster.ground.cluster / "password").write_text("old")

    services.start(folder, services.free_port(), durable=False).stop()

    assert not (cluster.ground.cluster / "data.new").exists()
    assert not (cluster.ground.cluster / "password").exists()


@pytest.mark.parametrize("role", ["postgres", "linghuo_owner", "linghuo"])
@pytest.mark.parametrize("password", ["", "wrong"])
def test_every_role_needs_its_password(running: Services, role: str, password: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(running.database_url, username=role, password=password)


def test_valkey_needs_its_password(running: Services) -> None:
    port = make_url(running.redis_url).port
    with (
        Redis(host="127.0.0.1", port=int(port or 0), password="wrong") as redis,
        pytest.raises(AuthenticationError),
    ):
        redis.ping()


def test_nothing_trusts_and_passwords_are_scram(running: Services) -> None:
    with connect(running.superuser_url) as connection:
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        kept = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()

    assert methods == [("scram-sha-256",)]
    assert len(kept) == 3
    assert all(password.startswith("SCRAM-SHA-256$") for (password,) in kept)


def test_the_application_can_create_and_change_nothing(running: Services) -> None:
    with connect(running.database_owner_url) as connection:
        connection.execute("CREATE SCHEMA accounts CREATE TABLE person (id int)")
    with connect(running.database_url) as connection:
        for statement in (
            "CREATE TABLE mine (id int)",
            "CREATE TABLE accounts.mine (id int)",
            "CREATE SCHEMA mine",
            "ALTER TABLE accounts.person ADD COLUMN more int",
            "DROP TABLE accounts.person",
            "CREATE ROLE mine SUPERUSER",
            "CREATE DATABASE mine",
        ):
            with pytest.raises(psycopg.Error, match=r"permission denied|must be owner"):
                connection.execute(statement)


def test_the_owner_is_no_superuser(running: Services) -> None:
    with connect(running.superuser_url) as connection:
        roles = connection.execute(
            "SELECT rolname FROM pg_roles WHERE (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication)"
            " AND rolname !~ '^pg_'"
        ).fetchall()

    assert roles == [("postgres",)]


def test_chinese_text_is_upper_cased_and_matched_as_text(running: Services) -> None:
    with connect(running.database_url) as connection:
        found = connection.execute("SELECT upper('é'), char_length('吴𡎚·阿'), 'ａ' ~ '[[:alpha:]]'").fetchone()

    assert found == ("É", 4, True)


def test_two_instances_live_side_by_side(running: Services) -> None:
    with services.temporary() as other:
        for each, name in ((running, "first"), (other, "second")):
            with connect(each.database_owner_url) as connection:
                connection.execute("CREATE TABLE who AS SELECT %s::text AS name", [name])
        with connect(running.database_owner_url) as connection:
            assert connection.execute("SELECT name FROM who").fetchall() == [("first",)]
        assert other.redis_url != running.redis_url


def test_a_temporary_instance_leaves_nothing(folder: Path) -> None:
    with services.temporary() as gone:
        processes = [psutil.Process(each.pid) for each in gone.processes.values()]
        cluster = (gone.data_dir / "postgres").resolve()

    assert folder.exists()
    assert not gone.data_dir.exists()
    assert not cluster.exists()
    assert not any(each.is_running() for each in processes)


def test_what_a_killed_temporary_instance_left_is_cleared_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with services.temporary() as killed:
        killed.lock.close()
        monkeypatch.setattr(services, "FRESH", 0.0)
        with services.temporary():
            assert not killed.data_dir.exists()
            assert all(process.wait(5) == 0 for process in killed.processes.values())


def test_a_folder_in_use_is_refused(running: Services) -> None:
    with pytest.raises(Problem, match="正被另一个正在运行的灵活使用"):
        services.start(running.data_dir, services.free_port())


def test_a_cluster_without_its_secrets_is_refused(folder: Path) -> None:
    services.start(folder, services.free_port(), durable=False).stop()
    (folder / FILE).unlink()

    with pytest.raises(Problem, match=r"secrets\.json"):
        services.start(folder, services.free_port())


def test_a_cluster_with_other_secrets_is_refused(folder: Path) -> None:
    services.start(folder, services.free_port(), durable=False).stop()
    (folder / FILE).unlink()
    load_or_make(folder)

    with pytest.raises(Problem, match="密码与 secrets"):
        services.start(folder, services.free_port())
    assert not leftovers.find(folder)


def test_secrets_are_made_once_and_closed_to_others(folder: Path) -> None:
    first = load_or_make(folder)

    assert load_or_make(folder) == first
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert "demo" not in repr(first)


def test_the_password_stands_in_no_command_line_and_no_open_file(running: Services) -> None:
    secrets = load_or_make(running.data_dir)
    for process in running.processes.values():
        line = " ".join(psutil.Process(process.pid).cmdline())
        assert not any(value in line for value in (secrets.valkey, secrets.superuser, secrets.application))
    assert stat.S_IMODE((running.data_dir / "valkey" / "valkey.conf").stat().st_mode) == 0o600


def test_a_long_path_is_no_hindrance(folder: Path) -> None:
    deep = folder.joinpath(*["a-folder-with-a-long-name"] * 5)
    started = services.start(deep, services.free_port(), durable=False)
    try:
        with connect(started.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        started.stop()


def test_a_socket_folder_of_someone_else_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    deep = folder / ("x" * 100)
    ground.short_folder(deep, "run").chmod(0o777)

    with pytest.raises(Problem, match="临时目录"):
        ground.short_folder(deep, "run")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its servers to another user")
def test_under_root_a_closed_home_stays_closed(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    data_dir = home / "linghuo" / ".local"
    started = services.start(data_dir, services.free_port(), durable=False)
    try:
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert psutil.Process(started.processes["postgres"].pid).username() == ground.SYSTEM_USER
        cluster = (data_dir / "postgres").resolve()
        assert cluster.is_relative_to(ground.OPEN_GROUND)
    finally:
        started.stop()
    services.start(data_dir, services.free_port(), durable=False).stop()
    assert (data_dir / "postgres").resolve() == cluster
    services.remove(data_dir)
    assert not cluster.exists()


def test_a_stale_process_number_is_not_mistaken_for_the_server(folder: Path) -> None:
    port = services.free_port()
    services.start(folder, port, durable=False).stop()
    cluster = services.find_cluster(folder)
    with subprocess.Popen(["/bin/sleep", "60"]) as innocent:
        (cluster.data / "postmaster.pid").write_text(f"{innocent.pid}\n{cluster.data}\n")

        services.start(folder, port, durable=False).stop()

        assert innocent.poll() is None
        innocent.send_signal(signal.SIGKILL)
