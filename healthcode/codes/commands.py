"""`flask codes`: keys that sign health codes and officers' lists, and a check of a code by hand."""

import click
from flask.cli import AppGroup

from backend.core import clock
from backend.core.config import settings
from backend.core.errors import Invalid
from backend.core.transactions import transaction
from healthcode.codes import actions, cose, cwt, keys
from healthcode.codes.actions.issuer_keys import HURRIED_AHEAD, PUBLISHED_AHEAD
from healthcode.codes.rules import FAULT_SENTENCES

codes = AppGroup("codes", help="Health codes: the keys that sign them.")


@codes.command("ensure-key")
def ensure_key() -> None:
    """Have a key of each issuer that signs; makes one only where there is none."""
    with transaction():
        for key in actions.ensure_issuer_keys():
            click.echo(f"{key.kid.hex()} signs for {key.issuer} since {clock.shown(key.signs_from)}")


@codes.command("rotate-key")
@click.option("--issuer", default="", help="Region code; left out, CODES_ISSUER.")
@click.option("--hurry", is_flag=True, help="In ten minutes instead of a day, where a key may have leaked.")
def rotate_key(issuer: str, *, hurry: bool) -> None:
    """Make a new key that takes over once every verifier knows it; no code becomes invalid by it."""
    with transaction():
        ahead = HURRIED_AHEAD if hurry else PUBLISHED_AHEAD
        try:
            key = actions.rotate_issuer_key(issuer or settings().codes_issuer, ahead)
        except Invalid as refused:
            raise click.ClickException(refused.message) from refused
        click.echo(f"{key.kid.hex()} signs for {key.issuer} from {clock.shown(key.signs_from)}")


@codes.command("rotate-list-key")
def rotate_list_key() -> None:
    """Make a new key for officers' lists, vouched for by the one before; it takes over in a minute."""
    with transaction():
        key = actions.rotate_list_key()
        click.echo(f"{key.kid.hex()} signs lists from {clock.shown(key.signs_from)}")


@codes.command("read")
@click.argument("text")
def read(text: str) -> None:
    """Say what a code's text says, if one of our keys signed it; nothing of it is kept."""
    try:
        claims = cwt.read(text, keys.find_verifier)
    except cose.Unreadable as unreadable:
        raise click.ClickException(FAULT_SENTENCES[unreadable.fault]) from unreadable
    click.echo(f"{claims.colour} {claims.first_character} {claims.last_four} until {clock.shown(claims.expires_at)}")
