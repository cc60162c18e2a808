"""`flask accounts`: organisations and operators."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from backend.accounts import actions
from backend.accounts.models import Operator, Organisation
from backend.accounts.rules import OrganisationKind, Role
from backend.core.db import db
from backend.core.errors import Refused
from backend.core.transactions import transaction

accounts = AppGroup("accounts", help="Organisations and operators.")


@accounts.command("create-organisation")
@click.argument("name")
@click.option("--kind", type=click.Choice([k.value for k in OrganisationKind]), required=True)
@click.option("--region", required=True, help="Region code, such as 520600.")
def create_organisation(name: str, kind: str, region: str) -> None:
    """Create an organisation, such as 铜仁市人力资源和社会保障局."""
    try:
        with transaction():
            made = actions.create_organisation(kind=OrganisationKind(kind), name=name, region_code=region)
            click.echo(f"{made.id} {made.name}")
    except Refused as refused:
        raise click.ClickException(refused.message) from refused


@accounts.command("create-operator")
@click.argument("username")
@click.option("--name", required=True)
@click.option("--organisation", required=True, help="The organisation's name.")
@click.option("--role", type=click.Choice([r.value for r in Role]), required=True)
@click.password_option()
def create_operator(username: str, name: str, organisation: str, role: str, password: str) -> None:
    """Create an operator of an organisation; the password is asked for."""
    try:
        with transaction():
            office = db.session.scalar(select(Organisation).where(Organisation.name == organisation))
            if office is None:
                raise click.ClickException(f"没有名为“{organisation}”的单位。")
            operator = db.session.scalar(select(Operator).where(Operator.username == username))
            operator = operator or actions.create_operator(username=username, name=name, password=password)
            actions.add_membership(operator=operator, organisation=office, role=Role(role))
    except Refused as refused:
        raise click.ClickException(refused.message) from refused
    click.echo(f"{username} @ {organisation}: {role}")
