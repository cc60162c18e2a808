"""The demo's witnesses: kept keys, one policy, and nothing of them where real ones are named."""

import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from backend.core.config import Config, Mode
from backend.evidence.note import Algorithm, PrivateKey
from backend.evidence.policy import Policy
from backend.local import programs, run, services, witnesses
from backend.local.problems import Problem

LOG = PrivateKey.generate("linghuo.local/log", Algorithm.LOG)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(_env_file=None, data_dir=tmp_path, port=services.free_port(), redis_url="redis://other")


def make(config: Config) -> Policy:
    witnesses.make(config, LOG.public, witnesses.find(config))
    return Policy.parse(config.policy_file.read_text(encoding="utf-8"))


def test_a_regulator_and_two_of_the_others_make_the_quorum(config: Config) -> None:
    policy = make(config)

    assert policy.logs == (LOG.public,)
    assert [each.name for each in policy.witnesses] == ["market-supervision", "tax", "bank", "insurer"]
    assert policy.is_met_by(["market-supervision", "tax", "insurer"])
    assert not policy.is_met_by(["tax", "bank", "insurer"])
    assert not policy.is_met_by(["market-supervision", "bank"])


def test_keys_and_policies_stay_and_addresses_follow_the_port(config: Config) -> None:
    first = make(config)
    written = config.policy_file.stat().st_mtime_ns
    assert make(config) == first
    assert config.policy_file.stat().st_mtime_ns == written

    moved = make(config.model_copy(update={"port": 9100}))

    assert [each.key for each in moved.witnesses] == [each.key for each in first.witnesses]
    assert [each.url for each in moved.witnesses] == [f"http://127.0.0.1:{port}" for port in range(9103, 9107)]
    own = config.data_dir / "witnesses" / "bank"
    assert Policy.parse((own / "policy.txt").read_text(encoding="utf-8")) == moved
    assert stat.S_IMODE((own / "key").stat().st_mode) == 0o600


def test_a_lost_store_is_said_in_a_sentence(config: Config) -> None:
    make(config)
    (config.data_dir / "witnesses" / "bank" / "witness.sqlite3").unlink()

    with pytest.raises(Problem, match=r"见证记录 .*bank.* 却丢失了"):
        make(config)


@pytest.mark.parametrize("change", [{"evidence_policy": "/etc/linghuo/policy.txt"}, {"mode": Mode.PRODUCTION}])
def test_where_real_ones_are_named_none_are_started(config: Config, change: dict[str, object]) -> None:
    chosen = config.model_copy(update=change)

    assert witnesses.find(chosen) == ()
    witnesses.make(chosen, LOG.public, ())
    assert not (config.data_dir / "witnesses").exists()
    names = {program.name for program in programs.product(chosen, ())}
    assert "worker-log" in names
    assert not [name for name in names if name.startswith("witness")]


@pytest.fixture
def instance(config: Config) -> run.Instance:
    return run.Instance(config, config.data_dir, None, None, witnesses.find(config), {})


@pytest.fixture
def listener(config: Config) -> Iterator[int]:
    """A program that listens where the last witness would."""
    port = config.port + services.PORTS - 1
    with closing(socket.create_server(("127.0.0.1", port))):
        yield port


def test_a_witnesss_taken_port_is_named(instance: run.Instance, listener: int) -> None:
    with pytest.raises(Problem, match=f"端口 {listener} 已被其他程序占用"):
        run._check_ports(instance)


def test_a_log_key_that_is_none_is_said_in_a_sentence(instance: run.Instance) -> None:
    wrong = instance.config.model_copy(update={"evidence_key": SecretStr("nonsense")})

    with pytest.raises(Problem, match="EVIDENCE_KEY"):
        run._log_key(replace(instance, config=wrong))
