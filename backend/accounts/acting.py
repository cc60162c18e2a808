"""Who acts, and for which office: the one value that every question about people is asked with."""

from dataclasses import dataclass
from uuid import UUID

from backend.accounts.rules import OrganisationKind, Role


@dataclass(frozen=True, slots=True)
class Acting:
    """An operator in one of the own offices, in one role."""

    operator_id: UUID
    operator_name: str
    organisation_id: UUID
    organisation_name: str
    kind: OrganisationKind
    region_code: str
    role: Role
