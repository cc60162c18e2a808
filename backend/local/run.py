"""`make run`: everything that the product needs on this machine, until Ctrl-C."""

import os
import select
import shutil
import signal
import sys
import time
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from types import FrameType

import click

from backend.core.config import Config, Mode
from backend.evidence.note import Malformed, PrivateKey
from backend.local import demo, environment, leftovers, programs, services, witnesses
from backend.local.postgres import Cluster
from backend.local.problems import Problem
from backend.local.supervisor import Supervisor
from backend.local.valkey import Valkey
from backend.local.witnesses import Witness

READY_PATIENCE = 120.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asked for the end; raised wherever the foreground process happens to be."""


@dataclass(frozen=True, slots=True)
class Instance:
    config: Config
    data_dir: Path
    cluster: Cluster | None
    valkey: Valkey | None
    witnesses: tuple[Witness, ...]
    environment: dict[str, str]


def run() -> None:
    """Start everything, say where it is, keep it running; returns after a signal, with nothing left behind.

    Refuses: Problem when something is in the way.
    """
    for number in SIGNALS:
        signal.signal(number, _stop)
    # A terminal that closes signals its session's leader alone, and make keeps that to itself.
    terminal = select.poll()
    if sys.stdin.isatty():
        terminal.register(sys.stdin, 0)
    with suppress(Stopped), ExitStack() as stack:
        began = time.monotonic()
        instance = prepare(stack)
        supervisor = _start(instance, stack)
        _say(_welcome(instance, time.monotonic() - began))
        _keep(supervisor, terminal)


def prepare(stack: ExitStack) -> Instance:
    """The instance's files and environment, its folder held alone until the stack closes."""
    data_dir = Config().data_dir.resolve()
    stack.callback(services.claim(data_dir).close)
    leftovers.end(data_dir)
    instance = find()
    _check_ports(instance)
    services.make(instance.cluster, instance.valkey)
    witnesses.make(instance.config, _log_key(instance).public, instance.witnesses)
    return instance


def find() -> Instance:
    """The instance of this configuration, whether or not it runs; nothing is started or changed."""
    config = Config()
    data_dir = config.data_dir.resolve()
    cluster = None if config.database_url else services.find_cluster(data_dir)
    valkey = None if config.redis_url else services.find_valkey(data_dir, config.port)
    variables = environment.product(config, data_dir, cluster, valkey)
    return Instance(config, data_dir, cluster, valkey, witnesses.find(config), variables)


def _log_key(instance: Instance) -> PrivateKey:
    text = instance.environment.get("EVIDENCE_KEY") or instance.config.evidence_key.get_secret_value()
    try:
        return PrivateKey.parse(text)
    except Malformed as why:
        raise Problem("EVIDENCE_KEY 不是存证日志的签名密钥。请改正它，或去掉它，由本程序生成。") from why


def _check_ports(instance: Instance) -> None:
    config = instance.config
    wanted = [config.port, config.port + 1, *(each.port for each in instance.witnesses)]
    wanted += [instance.valkey.port] if instance.valkey else []
    if taken := services.taken_ports(sorted(wanted)):
        raise Problem(
            f"端口 {'、'.join(map(str, taken))} 已被其他程序占用。请停掉该程序，或换一个端口："
            f"make run PORT={config.port + 100}（本程序占用 {min(wanted)} 到 {max(wanted)}）。"
        )


def _start(instance: Instance, stack: ExitStack) -> Supervisor:
    first = programs.servers(instance.cluster, instance.valkey, instance.data_dir)
    stack.callback(_clear, instance)
    then = programs.product(instance.config, instance.witnesses)
    supervisor = Supervisor.start(instance.data_dir, first, then, instance.environment)
    stack.callback(_finish, supervisor)
    if instance.cluster:
        instance.cluster.wait()
        instance.cluster.prepare()
    if instance.valkey:
        instance.valkey.wait()
    _say("数据库已启动，正在更新表结构……")
    _run(instance, supervisor, "migrate")
    supervisor.start_product()
    if instance.config.mode is Mode.DEMO:
        _say("正在载入演示数据……")
        _run(instance, supervisor, "demo")
    _wait_until_ready(instance, supervisor)
    return supervisor


def _run(instance: Instance, supervisor: Supervisor, name: str) -> None:
    """Run one of the preparations. Refuses: Problem with the end of what it printed."""
    log = instance.data_dir / "logs" / f"{name}.log"
    log.unlink(missing_ok=True)
    if supervisor.run(name):
        tail = log.read_text(encoding="utf-8", errors="replace")[-1500:]
        raise Problem(f"启动步骤 {name} 失败，全文见 {log}：\n{tail}")


def _wait_until_ready(instance: Instance, supervisor: Supervisor) -> None:
    addresses = [f"http://127.0.0.1:{instance.config.port}/readyz"]
    if "sandbox" in supervisor.pids():
        addresses.append(f"{instance.config.sandbox_url}/")
    addresses += [each.page for each in instance.witnesses]
    end = time.monotonic() + READY_PATIENCE
    for address in addresses:
        while not _answers(address):
            if time.monotonic() > end or not supervisor.is_alive():
                raise Problem(
                    f"等了 {READY_PATIENCE:.0f} 秒，{address} 仍未就绪，请查看 {instance.data_dir}/logs 里的日志。"
                )
            time.sleep(0.1)


def _answers(address: str) -> bool:
    # No proxy: the address is this machine's.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=3) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own number
    except OSError:
        return False


def _welcome(instance: Instance, seconds: float) -> str:
    config = instance.config
    lines = ["", f"灵活已就绪（用时 {seconds:.1f} 秒）", f"  入口      {config.base_url}/"]
    lines += [f"  务工人员  {config.base_url}/w/", f"  接口文档  {config.base_url}/api/docs"]
    if config.mode is Mode.DEMO:
        lines += ["", "演示账号"]
        for sign_in in demo.sign_ins(config):
            account = f"账号 {sign_in.name}  密码 {sign_in.password}" if sign_in.name else ""
            lines.append(f"  {sign_in.role}  {sign_in.url}  {account}".rstrip())
    if instance.witnesses:
        lines += ["", "见证（各自独立核验存证）", *(f"  {each.title}  {each.page}" for each in instance.witnesses)]
    return "\n".join([*lines, "", f"数据和日志在 {instance.data_dir}。按 Ctrl-C 停止。", ""])


def _keep(supervisor: Supervisor, terminal: select.poll) -> None:
    """Say when the supervisor has started something anew; returns when the terminal is gone.

    Refuses: Problem when the supervisor itself is gone.
    """
    known = supervisor.pids()
    while not terminal.poll(2000):
        if not supervisor.is_alive():
            raise Problem("进程管理程序意外退出，已停止全部服务。请重新运行 make run，数据都在。")
        with suppress(OSError, HTTPException):
            now = supervisor.pids()
            for name in sorted(name for name, pid in now.items() if pid != known.get(name)):
                _say(f"{name} 意外退出，已自动重新启动。")
            known |= now


def _finish(supervisor: Supervisor) -> None:
    # From here on a second Ctrl-C would only leave something behind.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    _say("正在停止……")
    supervisor.stop()


def _clear(instance: Instance) -> None:
    """What a killed supervisor could not stop."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    leftovers.end(instance.data_dir)
    if instance.cluster:
        instance.cluster.end_leftover()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _say(text: str) -> None:
    # The terminal may be the thing that died.
    with suppress(OSError):
        click.echo(text)
        sys.stdout.flush()


def execute(command: tuple[str, ...]) -> None:
    """Become `command`, with the environment by which it reaches this configuration's instance.

    Refuses: Problem when nothing was ever started in its folder.
    """
    if not (data_dir := Config().data_dir).exists():
        raise Problem(f"{data_dir} 还不存在，请先运行 make run。")
    variables = find().environment
    # The environment's own programs first; by its whole path, as Python finds its packages from the name it is called.
    variables["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), variables.get("PATH", os.defpath)))
    program = shutil.which(command[0], path=variables["PATH"])
    if program is None:
        raise Problem(f"找不到命令 {command[0]}。")
    os.execve(program, (program, *command[1:]), variables)  # noqa: S606 - what the user typed
