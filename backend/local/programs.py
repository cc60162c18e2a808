"""What runs, in which order, and how supervisord is told so."""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from backend.core.config import Config
from backend.local import leftovers
from backend.local.postgres import Cluster
from backend.local.valkey import Valkey
from backend.local.witnesses import Witness

ROOT = Path(__file__).resolve().parents[2]
MOST_WEB_WORKERS = 2
"""One a core; a second pair would only cost memory beside database and tasks on the same machine."""


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: list[str]
    stop_signal: str = "TERM"
    patience: int = 15
    """Seconds between the signal and SIGKILL."""
    user: str | None = None
    once: bool = False
    """It ends by itself and isn't started again."""


def servers(cluster: Cluster | None, valkey: Valkey | None, data_dir: Path) -> list[Program]:
    """The embedded ones: started first, stopped last."""
    found, marked = [], leftovers.mark(data_dir)
    if valkey:
        found.append(Program("valkey", _bare(valkey.command(), valkey.environment() | marked)))
    if cluster:
        command = _bare(cluster.command(), cluster.environment() | marked)
        found.append(Program("postgres", command, stop_signal="INT", patience=30, user=cluster.ground.user))
    return found


def product(config: Config, witnesses: tuple[Witness, ...]) -> list[Program]:
    """Web, tasks, schedule, the witnesses and the stand-in for the outside world."""
    web_workers = min(MOST_WEB_WORKERS, os.cpu_count() or 1)
    programs = [
        Program("web", _web("wsgi:app", config.port, workers=web_workers, threads=config.web_threads)),
        Program("worker-default", _celery("worker", "-Q", "default", "-n", "default@%h", *_THREADS, "-c", "4")),
        Program("worker-bulk", _celery("worker", "-Q", "bulk", "-n", "bulk@%h", *_THREADS, "-c", "1")),
        Program("worker-log", _celery("worker", "-Q", "log", "-n", "log@%h", *_THREADS, "-c", LOG_THREADS)),
        Program("beat", _celery("beat", "--pidfile=")),
    ]
    programs += [Program(f"witness-{each.name}", _witness(each)) for each in witnesses]
    if config.sandbox_url in {config.wechat_base_url, config.sms_base_url, *config.provinces.values()}:
        programs.append(Program("sandbox", _web("backend.sandbox.wsgi:app", config.port + 1, workers=1, threads=4)))
    return programs


LOG_THREADS = "6"
"""The sequencer's, one for each of the four witnesses, and one that says that the worker lives."""
_THREADS = ("--pool", "threads", "--without-gossip", "--without-mingle")


def preparations() -> list[Program]:
    """What comes before and beside the product's start; each may run at every start."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    return [
        Program("migrate", [*flask, "db", "upgrade"], once=True),
        Program("demo", [*flask, "demo", "load"], once=True),
    ]


def _web(application: str, port: int, *, workers: int, threads: int) -> list[str]:
    options = ["--port", str(port), "--workers", str(workers), "--threads", str(threads)]
    return [sys.executable, "-m", "backend.local.web", application, *options]


def _celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "backend.worker", *arguments, "--loglevel", "WARNING"]


def _witness(witness: Witness) -> list[str]:
    return [sys.executable, "-m", "backend.witness", *witness.arguments()]


def _bare(command: list[str], environment: dict[str, str]) -> list[str]:
    """The command without the supervisor's environment, which holds the product's secrets."""
    return ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in environment.items()), *command]


def configuration(data_dir: Path, control: Path, first: list[Program], then: list[Program]) -> str:
    """The supervisor's file: `first` starts by itself, `then` and the preparations wait for the word."""
    logs = data_dir / "logs"
    lines = [
        "[supervisord]",
        "nodaemon=true",
        "silent=true",
        f"logfile={_escaped(str(logs / 'supervisord.log'))}",
        "logfile_maxbytes=5MB",
        "logfile_backups=1",
        f"pidfile={_escaped(str(data_dir / 'supervisord.pid'))}",
        f"childlogdir={_escaped(str(logs))}",
        f"directory={_escaped(str(ROOT))}",
        *(["user=root"] if os.geteuid() == 0 else []),
        "[unix_http_server]",
        f"file={_escaped(str(control))}",
        "chmod=0700",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
        "[group:product]",
        f"programs={','.join(program.name for program in then)}",
        "priority=20",
    ]
    for program in first:
        lines += [*_section(program, logs), "autostart=true", "priority=10"]
    for program in (*preparations(), *then):
        lines += [*_section(program, logs), "autostart=false"]
    return "\n".join(lines) + "\n"


def _section(program: Program, logs: Path) -> list[str]:
    return [
        f"[program:{program.name}]",
        f"command={_escaped(shlex.join(program.command))}",
        f"stdout_logfile={_escaped(str(logs / program.name))}.log",
        "stdout_logfile_maxbytes=5MB",
        "stdout_logfile_backups=1",
        "redirect_stderr=true",
        *(["autorestart=false", "startsecs=0"] if program.once else ["autorestart=true", "startsecs=1"]),
        "startretries=1000",
        "umask=077",
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.patience}",
        "stopasgroup=true",
        "killasgroup=true",
        *([f"user={program.user}", "directory=/"] if program.user else []),
    ]


def _escaped(value: str) -> str:
    """The supervisor expands %(name)s in every value."""
    return value.replace("%", "%%")
