"""`flask codes`: keys that sign health codes, and a check of a code by hand."""

import click
from flask.cli import AppGroup

from backend.core import clock
from backend.core.transactions import transaction
from healthcode.codes import actions, cwt, keys
from healthcode.codes.rules import FAULT_SENTENCES

codes = AppGroup("codes", help="Health codes: the keys that sign them.")


@codes.command("ensure-key")
def ensure_key() -> None:
    """Have a key that signs; makes one only when there is none."""
    with transaction():
        key = actions.ensure_issuer_key()
        click.echo(f"{key.kid.hex()} signs for {key.issuer} since {clock.shown(key.signs_from)}")


@codes.command("rotate-key")
def rotate_key() -> None:
    """Make a new key that takes over once every verifier knows it; no code becomes invalid by it."""
    with transaction():
        key = actions.rotate_issuer_key()
        click.echo(f"{key.kid.hex()} signs for {key.issuer} from {clock.shown(key.signs_from)}")


@codes.command("read")
@click.argument("text")
def read(text: str) -> None:
    """Say what a code's text says, if one of our keys signed it; nothing of it is kept."""
    try:
        claims = cwt.read(text, keys.find_verifier)
    except cwt.Unreadable as unreadable:
        raise click.ClickException(FAULT_SENTENCES[unreadable.fault]) from unreadable
    click.echo(f"{claims.colour} {claims.first_character} {claims.last_four} until {clock.shown(claims.expires_at)}")
