"""Writes: who the partners are, what they send, what they are told."""

from backend.partners.actions.authenticating import check_signature, grant, read_token
from backend.partners.actions.erasing import erase_ended
from backend.partners.actions.receiving import receive
from backend.partners.actions.registering import connect, register, revoke, rotate_secret
from backend.partners.actions.sending import drop, gather, note_change, settle, take, try_again

__all__ = [
    "check_signature",
    "connect",
    "drop",
    "erase_ended",
    "gather",
    "grant",
    "note_change",
    "read_token",
    "receive",
    "register",
    "revoke",
    "rotate_secret",
    "settle",
    "take",
    "try_again",
]
