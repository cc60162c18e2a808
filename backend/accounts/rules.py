"""Kinds, roles and states of people, accounts, organisations and operators."""

from datetime import timedelta
from enum import StrEnum


class OrganisationKind(StrEnum):
    GOVERNMENT = "government"
    CHECKPOINT = "checkpoint"
    ENTERPRISE = "enterprise"
    BANK = "bank"
    REGULATOR = "regulator"
    INSURER = "insurer"
    PLATFORM = "platform"


class Role(StrEnum):
    OFFICIAL = "official"  # 经办人: transfers, rosters, claims, findings of the own office
    OFFICER = "officer"  # 查验员: scans codes at the own checkpoint
    ADMINISTRATOR = "administrator"  # of the platform: organisations and operators, no people
    EMPLOYER = "employer"  # 用工专员: who starts work at the own enterprise; fit or unfit, no health data
    HELPER = "helper"  # 临时查验员: scans codes for one shift on one phone; never given by hand
    SUPERVISOR = "supervisor"  # 监管员: the evidence log, and records that the own kind of office may know of


class Relation(StrEnum):
    SELF = "self"
    FAMILY = "family"
    LEADER = "leader"


class HoldingState(StrEnum):
    CONFIRMED = "confirmed"
    PENDING = "pending"  # a clerk decides
    REFUSED = "refused"
    ENDED = "ended"


class ClaimReason(StrEnum):
    """Why a clerk has to look."""

    NOT_ON_ROSTER = "not_on_roster"
    HELD_ALREADY = "held_already"


class Purpose(StrEnum):
    """What a person agrees to, each on its own (PIPL articles 14, 23, 29)."""

    BASIC = "basic"
    SENSITIVE = "sensitive"
    SHARING = "sharing"


TERMS_VERSION = "2026-12"
FAMILY_DAYS = 30
PHONE_PROVES = timedelta(days=90)
"""For so long a phone number that was proven stands for its account: carriers keep a number that was given up away from
others for 90 days, as their terms have it (no law that we know of says so). After that whoever has it may be somebody
else.
"""
ACCESS_TOKEN_LIFE = timedelta(minutes=15)
REFRESH_TOKEN_LIFE = timedelta(days=30)
REFRESH_GRACE = timedelta(seconds=60)
"""How long a used refresh token still works: its answer may have been lost on a bad network."""
SESSION_LIFE = timedelta(hours=12)

ROLES_OF = {
    OrganisationKind.GOVERNMENT: frozenset({Role.OFFICIAL}),
    OrganisationKind.CHECKPOINT: frozenset({Role.OFFICER}),
    OrganisationKind.ENTERPRISE: frozenset({Role.EMPLOYER}),
    OrganisationKind.PLATFORM: frozenset({Role.ADMINISTRATOR}),
    OrganisationKind.REGULATOR: frozenset({Role.SUPERVISOR}),
    OrganisationKind.BANK: frozenset({Role.SUPERVISOR}),
    OrganisationKind.INSURER: frozenset({Role.SUPERVISOR}),
}
