"""People, accounts, offices and operators for tests."""

from itertools import count

from backend.accounts import actions
from backend.accounts.acting import Acting
from backend.accounts.models import Account, Organisation, Person
from backend.accounts.queries import list_acting
from backend.accounts.rules import TERMS_VERSION, OrganisationKind, Purpose, Relation, Role
from backend.core.db import db
from backend.core.resident_id import check_character
from backend.core.transactions import transaction

numbers = count(1)
PASSWORD = "Linghuo-2020"


def resident_id(*, region: str = "522201", born: str = "19900307", order: int | None = None) -> str:
    """A well-formed number; each call without `order` gives another."""
    head = f"{region}{born}{(order or next(numbers)) % 1000:03d}"
    return head + check_character(head)


def make_account(phone: str = "") -> Account:
    with transaction():
        return actions.sign_in_phone(phone=phone or f"138{next(numbers):08d}")


def make_agreeing_account(phone: str = "") -> Account:
    account = make_account(phone)
    with transaction():
        actions.agree(account=account, choices=dict.fromkeys(Purpose, True), version=TERMS_VERSION)
    return account


def make_person(
    account: Account | None = None,
    *,
    name: str = "杨秀英",
    number: str = "",
    verified: bool = True,
    region: str = "520602",
) -> Person:
    """A person held by an account."""
    from_account = account or make_agreeing_account()
    with transaction():
        holding = actions.hold(
            account=from_account,
            name=name,
            resident_id=number or resident_id(),
            relation=Relation.SELF,
            until=None,
            verified=verified,
            region_code=region,
        )
        return db.session.get_one(Person, holding.person_id)


def make_organisation(
    name: str = "铜仁市人力资源和社会保障局",
    *,
    kind: OrganisationKind = OrganisationKind.GOVERNMENT,
    region: str = "520600",
) -> Organisation:
    with transaction():
        return actions.create_organisation(kind=kind, name=name, region_code=region)


def make_acting(organisation: Organisation | None = None, *, role: Role = Role.OFFICIAL, username: str = "") -> Acting:
    """An operator who acts for an office."""
    office = organisation or make_organisation()
    with transaction():
        operator = actions.create_operator(
            username=username or f"operator{next(numbers)}", name="王经办", password=PASSWORD
        )
        actions.add_membership(operator=operator, organisation=office, role=role)
    return next(acting for acting in list_acting(operator.id) if acting.organisation_id == office.id)
