"""`flask evidence`: the log's key, sequencing by hand, mending, and proofs."""

from uuid import UUID

import click
from flask.cli import AppGroup

from backend.core.config import settings
from backend.core.errors import Refused
from backend.evidence import actions, queries
from backend.evidence.audit.commands import audit
from backend.evidence.note import Algorithm, PrivateKey
from backend.evidence.rules import Stopped

evidence = AppGroup("evidence", help="The evidence log: its key, its sequencer, its audit, its proofs.")
evidence.add_command(audit)


@evidence.command("keygen")
def keygen() -> None:
    """Make a signing key for EVIDENCE_ORIGIN: EVIDENCE_KEY's value on the first line, the public key on the second."""
    key = PrivateKey.generate(settings().evidence_origin, Algorithm.LOG)
    click.echo(key.dump())
    click.echo(str(key.public))


@evidence.command("sequence")
def sequence() -> None:
    """Take in all that waits, unless another process does so at this moment."""
    actions.sequence()
    if alarm := queries.get_alarm():
        raise click.ClickException(f"{alarm.cause}: {alarm.detail}")
    newest = queries.get_checkpoint()
    click.echo(newest.note if newest else "the log is empty")


@evidence.command("rebuild")
def rebuild() -> None:
    """Put back into the database what is published and a restored backup lacks."""
    try:
        click.echo(f"{actions.rebuild()} leaves put back")
    except Stopped as why:
        raise click.ClickException(f"{why.cause}: {why.detail}") from why


@evidence.command("republish")
def republish() -> None:
    """Write every tile anew from the database, where the published ones are lost."""
    try:
        click.echo(f"published again: {actions.republish()} leaves")
    except Stopped as why:
        raise click.ClickException(f"{why.cause}: {why.detail}") from why


@evidence.command("proof")
@click.argument("record_id", type=click.UUID)
def proof(record_id: UUID) -> None:
    """Print the proof of a record, as its file holds it."""
    try:
        click.echo(str(queries.get_proof(record_id)), nl=False)
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
