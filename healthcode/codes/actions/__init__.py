"""Writes: declaring, showing, reading and expiring; tests, certificates and provinces' codes; the rules of colours;
decisions; appeals; the keys that sign.
"""

from healthcode.codes.actions.appeals import (
    attach,
    escalate_appeals,
    file_appeal,
    open_file,
    read_appeal,
    refuse_appeal,
    uphold_appeal,
)
from healthcode.codes.actions.cards import Issued, issue_cards, lose_card, show_card
from healthcode.codes.actions.certificates import (
    Paper,
    attach_certificate,
    confirm_certificate,
    file_certificate,
    open_certificate,
    read_certificate,
    refuse_certificate,
    said_by,
    withdraw_certificate,
)
from healthcode.codes.actions.decisions import approve_decision, end_decision, propose_decision, refuse_decision
from healthcode.codes.actions.declaring import declare, expire_statuses
from healthcode.codes.actions.duty import add_duty, drop_duty
from healthcode.codes.actions.erasing import erase_appeals, erase_certificates, erase_result_lists
from healthcode.codes.actions.helpers import (
    ask_helper_code,
    end_helper,
    end_helpers,
    invite_helper,
    join,
    note_operator_left,
)
from healthcode.codes.actions.issuer_keys import ensure_issuer_keys, rotate_issuer_key, rotate_list_key
from healthcode.codes.actions.lookups import Asked, end_shift, look_up, open_shift
from healthcode.codes.actions.measuring import Taken, measure, measure_by_code
from healthcode.codes.actions.packs import OfflineCode, deny_ended, deny_refused_claim, issue_pack
from healthcode.codes.actions.photos import add_photo, erase_photos, open_own_photo, open_photo
from healthcode.codes.actions.provinces import (
    Question,
    ask_province,
    ask_provinces,
    claim_question,
    record_answer,
    record_silence,
    sweep_questions,
)
from healthcode.codes.actions.reading import read_code
from healthcode.codes.actions.reading_together import LookedAt, read_together
from healthcode.codes.actions.rejudging import rejudge
from healthcode.codes.actions.results import (
    confirm_results,
    discard_results,
    enter_result,
    faults_of,
    propose_results,
    rows_of,
)
from healthcode.codes.actions.rule_sets import approve_rule_set, discard_rule_set, draft_rule_set, try_rule_set
from healthcode.codes.actions.showing import Code, issue_code, sign_time, signer_for
from healthcode.codes.actions.signing_lists import sign_denied, sign_keys
from healthcode.codes.outcomes import ReadResult

__all__ = [
    "Asked",
    "Code",
    "Issued",
    "LookedAt",
    "OfflineCode",
    "Paper",
    "Question",
    "ReadResult",
    "Taken",
    "add_duty",
    "add_photo",
    "approve_decision",
    "approve_rule_set",
    "ask_helper_code",
    "ask_province",
    "ask_provinces",
    "attach",
    "attach_certificate",
    "claim_question",
    "confirm_certificate",
    "confirm_results",
    "declare",
    "deny_ended",
    "deny_refused_claim",
    "discard_results",
    "discard_rule_set",
    "draft_rule_set",
    "drop_duty",
    "end_decision",
    "end_helper",
    "end_helpers",
    "end_shift",
    "ensure_issuer_keys",
    "enter_result",
    "erase_appeals",
    "erase_certificates",
    "erase_photos",
    "erase_result_lists",
    "escalate_appeals",
    "expire_statuses",
    "faults_of",
    "file_appeal",
    "file_certificate",
    "invite_helper",
    "issue_cards",
    "issue_code",
    "issue_pack",
    "join",
    "look_up",
    "lose_card",
    "measure",
    "measure_by_code",
    "note_operator_left",
    "open_certificate",
    "open_file",
    "open_own_photo",
    "open_photo",
    "open_shift",
    "propose_decision",
    "propose_results",
    "read_appeal",
    "read_certificate",
    "read_code",
    "read_together",
    "record_answer",
    "record_silence",
    "refuse_appeal",
    "refuse_certificate",
    "refuse_decision",
    "rejudge",
    "rotate_issuer_key",
    "rotate_list_key",
    "rows_of",
    "said_by",
    "show_card",
    "sign_denied",
    "sign_keys",
    "sign_time",
    "signer_for",
    "sweep_questions",
    "try_rule_set",
    "uphold_appeal",
    "withdraw_certificate",
]
