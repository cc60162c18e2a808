"""`python -m backend.local run | exec COMMAND… | memory`."""

import sys

import click
from pydantic import ValidationError

from backend.core.config import Config
from backend.local import memory, run
from backend.local.problems import Problem


@click.group()
def cli() -> None:
    """The product on this machine."""


@cli.command("run")
def start() -> None:
    """Start everything and keep it running until Ctrl-C."""
    run.run()


@cli.command("exec", context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def execute(command: tuple[str, ...]) -> None:
    """Run a command with the running instance's environment, e.g. `exec flask --app wsgi routes`."""
    run.execute(command)


@cli.command("memory")
def show_memory() -> None:
    """Show the processes of the running instance and what memory they take."""
    found = memory.usage(Config().data_dir)
    for each in found:
        click.echo(f"{each.pss / 1e6:8.1f} MB  {each.pid:>7}  {each.command}")
    click.echo(f"{sum(each.pss for each in found) / 1e6:8.1f} MB  together")


def main() -> int:
    """The exit status; what is in the way is said in a sentence, not in a traceback."""
    try:
        cli()
    except Problem as problem:
        click.echo(f"\n{problem}", err=True)
    except ValidationError as faults:
        lines = [f"- {'.'.join(map(str, fault['loc'])).upper()}：{fault['msg']}" for fault in faults.errors()]
        click.echo("\n".join(["\n配置有误，请改正环境变量或 .env：", *lines]), err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
