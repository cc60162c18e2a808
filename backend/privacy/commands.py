"""`flask privacy`: the document of the kinds of data."""

import click
from flask.cli import AppGroup

from backend.privacy import document, queries

privacy = AppGroup("privacy", help="What is kept, why and for how long.")


@privacy.command("document")
def write() -> None:
    """Print PRIVACY.md, as the code has it."""
    click.echo(document.markdown(queries.list_kinds()), nl=False)
