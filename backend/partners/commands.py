"""`flask partners`: other governments' deployments."""

import click
from flask.cli import AppGroup

from backend.core.config import settings
from backend.core.errors import Refused
from backend.core.transactions import transaction
from backend.partners import actions, keys, queries
from backend.partners.models import Partner

partners = AppGroup("partners", help="Other governments' deployments.")


@partners.command("identity")
def identity() -> None:
    """Print this deployment's address and public keys, for the other side to register."""
    secret = settings().partners_key.get_secret_value()
    click.echo(f"base_url    {settings().base_url}")
    click.echo(f"signing_key {keys.public_text(keys.signing_key(secret))}")
    click.echo(f"sealing_key {keys.public_text(keys.sealing_key(secret))}")


@partners.command("register")
@click.argument("name")
@click.option("--region", "regions", multiple=True, required=True, help="Region codes for which it speaks.")
@click.option("--base-url", required=True)
@click.option("--signing-key", required=True)
@click.option("--sealing-key", required=True)
def register(name: str, regions: tuple[str, ...], base_url: str, signing_key: str, sealing_key: str) -> None:
    """Register a government's deployment, such as 昆山市人力资源和社会保障局; its secret is printed this once."""
    try:
        with transaction():
            partner, secret = actions.register(
                name=name,
                region_codes=list(regions),
                base_url=base_url,
                signing_key=signing_key,
                sealing_key=sealing_key,
            )
            click.echo(f"client_id {partner.client_id}\nsecret    {secret}")
    except Refused as refused:
        raise click.ClickException(refused.message) from refused


@partners.command("connect")
@click.argument("name")
@click.option("--client-id", required=True)
@click.password_option("--secret", confirmation_prompt=False)
def connect(name: str, client_id: str, secret: str) -> None:
    """Keep the client id and secret that this partner gave us; the secret is asked for."""
    with transaction():
        actions.connect(partner=_named(name), client_id=client_id, secret=secret)


@partners.command("rotate-secret")
@click.argument("name")
def rotate_secret(name: str) -> None:
    """Print a new secret for a partner; the one before works for a day more."""
    with transaction():
        click.echo(actions.rotate_secret(partner=_named(name)))


@partners.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """Stop a partner at once."""
    with transaction():
        actions.revoke(partner=_named(name))


def _named(name: str) -> Partner:
    found = queries.find_partner_named(name)
    if found is None:
        raise click.ClickException(f"没有名为“{name}”的对接单位。")
    return found
