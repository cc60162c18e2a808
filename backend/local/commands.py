"""`flask demo`: the demo's data."""

import click
from flask.cli import AppGroup

from backend.local import story

demo = AppGroup("demo", help="The demo's data.")


@demo.command("load")
def load() -> None:
    """Bring the demo's story in; a second time only today's declarations are made."""
    click.echo("演示数据已载入。" if story.load() else "演示数据已经在库里。")
