"""Writes: messages and who hears of them how, consents, and what became of each attempt."""

from backend.notices.actions.claims import tell_claim_decided
from backend.notices.actions.erasing import erase_messages
from backend.notices.actions.inbox import Notice, add_grants, mark_read, notify_many
from backend.notices.actions.sending import Outcome, Result, Work, claim_due, record

__all__ = [
    "Notice",
    "Outcome",
    "Result",
    "Work",
    "add_grants",
    "claim_due",
    "erase_messages",
    "mark_read",
    "notify_many",
    "record",
    "tell_claim_decided",
]
