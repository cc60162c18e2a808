"""Importing rosters, sweeping after them, counting anew, reminding travellers, sending receivers' links."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from uuid import UUID

import structlog
from flask import Flask, current_app

from backend.core import clock, sealed_files
from backend.core.config import settings
from backend.core.crypto import keyring, unseal
from backend.core.db import db
from backend.core.errors import Invalid
from backend.core.tasks import Task, task
from backend.core.transactions import enqueue, release, transaction
from backend.notices.gateway import SmsClient, SmsRefused, SmsUnknown, SmsUnreachable
from healthcode.itinerary.rules import ITINERARY
from healthcode.transfers import actions
from healthcode.transfers.actions import applying, carrying, jobs, planning
from healthcode.transfers.actions.jobs import Job, Lost
from healthcode.transfers.documents import FaultsBook
from healthcode.transfers.models import Receiver
from healthcode.transfers.rows import Checker, Faults
from healthcode.transfers.rules import ImportState
from healthcode.transfers.sealing import Sealer
from healthcode.transfers.sheets import Raw, Roster, read

log = structlog.get_logger()
BATCH = 2000  # rows of a file that are kept at once
HEARTBEAT_SECONDS = 5
MOST_WARNINGS = 50
LINK = "【灵活】请您在车辆到达时核对并签收乘客名单：{url} ，48 小时内有效，只能在您的手机上打开。"
Progress = Callable[[int, int], None]
"""Told (rows read, rows at most) after each batch."""


@task("transfers.import_roster", queue="bulk")
def import_roster(import_id: str) -> None:
    """Go on with an import, if no other run does."""
    carry_on(UUID(import_id))


def carry_on(import_id: UUID, progress: Progress = lambda _done, _of: None) -> None:
    """Read a file's rows, or let a confirmed file into the roster, wherever the import stands.

    Does nothing for an import that another run holds or that waits for a person. Killed at any point, the next run
    starts this step again and nothing is doubled.
    """
    with transaction():
        job = jobs.take(import_id=import_id)
    if job is None:
        return
    try:
        with _beating(job):
            if job.state is ImportState.APPLYING or _read(job, progress) is ImportState.APPLYING:
                with transaction():
                    applying.apply(job=job)
    except Lost:
        log.info("transfers.import_lost", import_id=str(import_id))
    with transaction():
        jobs.clear_finished()


@contextmanager
def _beating(job: Job) -> Iterator[None]:
    """Keep the job's heart beating while a step lasts; a file may take long to open."""
    flask_app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - Flask's way to hand it to a thread
    over = Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            with flask_app.app_context(), transaction():
                jobs.beat(job=job)

    heart = Thread(target=beat, name="heartbeat", daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()


def _read(job: Job, progress: Progress) -> ImportState:
    """The file's good rows into the database, its wrong ones into a workbook; how it goes on. Raises Lost."""
    with TemporaryDirectory(prefix="roster-") as folder:
        path = Path(folder) / "roster"
        path.write_bytes(sealed_files.read(job.stored_as))
        book = FaultsBook()
        try:
            with read(path, name=job.file_name) as roster:
                notes = [*roster.notes, *_keep(job, roster, book, progress)]
        except Invalid as refusal:
            with transaction():
                jobs.refuse(job=job, sentence=refusal.message)
            return ImportState.REFUSED
    faults_file = f"faults/{job.import_id}.xlsx" if book.count else None
    if faults_file:
        sealed_files.write(faults_file, book.to_bytes())
    with transaction():
        return applying.compare(job=job, notes=notes, faults_file=faults_file)


def _keep(job: Job, roster: Roster, book: FaultsBook, progress: Progress) -> list[str]:
    """Check, seal and keep the rows, a batch a transaction; returns what is odd about some."""
    checker, sealer = Checker(clock.now()), Sealer(keyring(), job.import_id)
    warnings: list[str] = []
    done = odd = 0
    while batch := list(islice(roster.rows, BATCH)):
        good = []
        for raw in batch:
            row = checker.check(raw)
            if isinstance(row, Faults):
                book.add(row)
                continue
            good.append(sealer.seal(row))
            if row.warnings:
                odd += 1
                if odd <= MOST_WARNINGS:
                    warnings.append(_warning(raw, row.warnings))
        done += len(batch)
        with transaction():
            jobs.add_rows(job=job, rows=good, rows_read=done, rows_total=roster.at_most, wrong=book.count)
        progress(done, roster.at_most)
    if odd > MOST_WARNINGS:
        warnings.append(f"另有 {odd - MOST_WARNINGS} 行也有提醒，请抽查。")
    return warnings


def _warning(raw: Raw, warnings: tuple[object, ...]) -> str:
    return f"“{raw.table.sheet}”第{raw.number}行：{'；'.join(map(str, warnings))}"


@task("transfers.plan_trips", queue="bulk")
def plan_trips(transfer_id: str) -> None:
    """Reckon routes and arrivals of a transfer's new trips."""
    with transaction():
        planning.plan_trips(transfer_id=UUID(transfer_id))


@task("transfers.sweep_imports")
def sweep_imports() -> None:
    """Send again what no living worker holds, and clear what is finished."""
    with transaction():
        for import_id in jobs.find_stale():
            enqueue(import_roster, import_id)
        for transfer_id in planning.find_unplanned():
            enqueue(plan_trips, transfer_id)
    with transaction():
        jobs.clear_finished()


@task("transfers.recount")
def recount() -> None:
    """Count the rosters whose figures may have changed, a roster a transaction."""
    for transfer_id in actions.uncounted():
        with transaction():
            actions.recount(transfer_id=transfer_id)


@task("transfers.carry", queue="bulk")
def carry() -> None:
    """Take the latest places of vehicles under way to all aboard, a batch a transaction."""
    _carry(carrying.LATELY)


@task("transfers.carry_late", queue="bulk")
def carry_late() -> None:
    """Take what came in late as well: scans and marks that waited for a network, or a name that was found since."""
    _carry(ITINERARY)


def _carry(within: timedelta) -> None:
    more = True
    while more:
        with transaction():
            more = carrying.carry(within=within) > 0


@task("transfers.remind")
def remind() -> None:
    """Remind those who leave tomorrow, and those who leave in some hours."""
    with transaction():
        actions.remind()


@task("transfers.send_link", autoretry_for=(*Task.autoretry_for, SmsUnreachable), max_retries=5)
def send_link(receiver_id: str) -> None:
    """Send a receiver the link; each link is sent once, and not at all once a phone has opened it."""
    receiver = db.session.get(Receiver, UUID(receiver_id))
    if receiver is None or receiver.token is None or receiver.withdrawn_at is not None:
        return
    phone, token, config = unseal(receiver.phone), unseal(receiver.token), settings()
    key = f"receive-{receiver.token_hash.hex()[:24]}"
    release()
    text = LINK.format(url=f"{config.base_url}/receive/open/{token}")
    try:
        SmsClient(config.sms_base_url, config.sms_key.get_secret_value()).send(
            phone=phone, text=text, idempotency_key=key
        )
    except SmsRefused as refused:
        log.warning("sms.refused", reason=refused.reason)
    except SmsUnknown:
        log.warning("sms.unknown")


@task("transfers.ask_provinces", queue="bulk")
def ask_provinces() -> None:
    """Ask the destinations' provinces about those on their way."""
    with transaction():
        actions.ask_on_the_way()
