"""`flask evidence audit`."""

import click

from backend.core.clock import shown
from backend.evidence.audit import actions, queries


@click.command("audit")
def audit() -> None:
    """Audit the whole log now; ends with status 1 when something is wrong."""
    run = actions.audit()
    if run is None:
        raise click.ClickException("another audit is running")
    click.echo(
        f"{shown(run.ended_at)}: {run.size} leaves, {run.checkpoints} checkpoints, {run.files} files,"
        f" {run.records} records, {run.openings} of them opened: {run.discrepancies} discrepancies"
    )
    after = None
    while page := queries.list_discrepancies(run.id, after=after):
        for each in page:
            named = (each.cause, each.kind, each.record_id, each.index, each.detail)
            click.echo("  " + " ".join(str(part) for part in named if part not in {"", None}))
        after = page[-1].id
    if run.discrepancies:
        raise SystemExit(1)
