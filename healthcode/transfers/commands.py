"""`flask transfers`: import a roster with a progress bar."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import select

from backend.accounts import queries as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Operator
from backend.core.db import db
from backend.core.errors import Refused
from backend.core.transactions import transaction
from healthcode.transfers import actions, queries
from healthcode.transfers.models import RosterImport
from healthcode.transfers.rules import MODE_NAMES, ImportState, Mode
from healthcode.transfers.tasks import carry_on, plan_trips

cli = AppGroup("transfers", help="Transfers of workers, and their rosters.")


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--transfer", "transfer_id", type=click.UUID, required=True, help="The transfer's id.")
@click.option("--operator", required=True, help="Username of an official of the transfer's origin.")
@click.option("--yes", is_flag=True, help="Confirm additions and changes at once; nobody is removed.")
@click.option("--remove-missing", is_flag=True, help="With --yes: who isn't in the file leaves the roster.")
def import_roster(file: Path, transfer_id: UUID, operator: str, *, yes: bool, remove_missing: bool) -> None:
    """Import a roster FILE as the console does, in this process, and say what came of it."""
    try:
        by = _acting(operator, transfer_id)
        with transaction():
            transfer = queries.get_transfer(transfer_id, seen_by=by)
            started = actions.start_import(transfer=transfer, file_name=file.name, content=file.read_bytes(), by=by)
            import_id = started.id
        _read(import_id)
        if yes and _state(import_id) is ImportState.WAITING:
            with transaction():
                waiting = queries.get_import(import_id, seen_by=by)
                actions.confirm_import(roster_import=waiting, remove_missing=remove_missing, by=by)
            carry_on(import_id)
        plan_trips(str(transfer_id))
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    _report(db.session.get_one(RosterImport, import_id))


@cli.command("seat-rule")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.COACH.value, show_default=True)
@click.option("--percent", type=int, required=True, help="How much of the seats may be taken.")
@click.option("--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day.")
@click.option("--until", "last_day", type=click.DateTime(["%Y-%m-%d"]), help="The last day; without it until further.")
@click.option("--source", required=True, help="The notice that says so.")
def seat_rule(mode: str, percent: int, first_day: datetime, last_day: datetime | None, source: str) -> None:
    """Let at most a share of a kind of vehicle's seats be taken from one day to another."""
    try:
        with transaction():
            actions.add_seat_rule(
                mode=Mode(mode),
                percent=percent,
                first_day=first_day.date(),
                last_day=last_day.date() if last_day else None,
                source=source,
            )
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(f"{MODE_NAMES[Mode(mode)]}：{first_day:%Y-%m-%d} 起最多乘坐 {percent}%。")


def _acting(username: str, transfer_id: UUID) -> Acting:
    """The operator's membership from which the transfer is seen."""
    operator_id = db.session.scalar(select(Operator.id).where(Operator.username == username))
    for acting in accounts.list_acting(operator_id) if operator_id else ():
        try:
            queries.get_transfer(transfer_id, seen_by=acting)
        except Refused:
            continue
        return acting
    raise click.ClickException(f"用户 {username} 不存在，或不能查看这次输送。")


def _state(import_id: UUID) -> ImportState:
    db.session.expire_all()
    return db.session.get_one(RosterImport, import_id).state


def _read(import_id: UUID) -> None:
    with click.progressbar(length=1, label="读取花名册", show_pos=True) as bar:

        def progress(done: int, at_most: int) -> None:
            bar.length = max(at_most, 1)
            bar.update(done - bar.pos)

        carry_on(import_id, progress)


def _report(done: RosterImport) -> None:
    if done.state is ImportState.REFUSED:
        raise click.ClickException(done.refusal or "未能导入。")
    click.echo(
        f"新增 {done.added}，变化 {done.changed}，相同 {done.same}，文件里没有 {done.missing}，有问题 {done.wrong} 行。"
    )
    for note in done.notes:
        click.echo(f"提示：{note}")
    if done.state is ImportState.WAITING:
        click.echo("花名册已有内容，请在控制台确认，或加 --yes 再运行一次。")
