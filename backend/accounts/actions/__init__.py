"""Writes: signing in, speaking for people, agreeing, deciding claims, reading sealed data under one's own name."""

from backend.accounts.actions.helpers import add_helper, end_helper
from backend.accounts.actions.offices import (
    add_membership,
    create_operator,
    create_organisation,
    disable_operator,
    end_sessions,
    sign_in_operator,
)
from backend.accounts.actions.people import agree, decide_claim, end_holding, hold, recognise, verify_stated
from backend.accounts.actions.reading import check_purpose, log_access, log_entrusted, open_own, reveal
from backend.accounts.actions.sign_in import (
    Tokens,
    issue_tokens,
    refresh_tokens,
    revoke_tokens,
    sign_in_phone,
    sign_in_wechat,
)

__all__ = [
    "Tokens",
    "add_helper",
    "add_membership",
    "agree",
    "check_purpose",
    "create_operator",
    "create_organisation",
    "decide_claim",
    "disable_operator",
    "end_helper",
    "end_holding",
    "end_sessions",
    "hold",
    "issue_tokens",
    "log_access",
    "log_entrusted",
    "open_own",
    "recognise",
    "refresh_tokens",
    "reveal",
    "revoke_tokens",
    "sign_in_operator",
    "sign_in_phone",
    "sign_in_wechat",
    "verify_stated",
]
