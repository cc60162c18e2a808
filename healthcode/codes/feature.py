from backend.accounts.events import ClaimDecided, OperatorLeft, SpeakingEnded
from backend.core.features import Feature, every, on
from healthcode.codes import evidence, models
from healthcode.codes.data import KINDS

feature = Feature(
    name="codes",
    listeners=(
        on(ClaimDecided, "healthcode.codes.actions:deny_refused_claim"),
        on(SpeakingEnded, "healthcode.codes.actions:deny_ended"),
        on(OperatorLeft, "healthcode.codes.actions:note_operator_left"),
    ),
    tasks=("healthcode.codes.tasks",),
    schedule=(
        every(60, "codes.expire"),
        every(60, "codes.keep_key"),
        every(600, "codes.rejudge"),
        every(60, "codes.escalate_appeals"),
        every(60, "codes.sweep_provinces"),
    ),
    evidence=(evidence.COLOUR, evidence.APPEAL, evidence.TEST, evidence.CERTIFICATE, evidence.PROVINCE),
    data=KINDS,
    commands="healthcode.codes.commands:codes",
)
__all__ = ["feature", "models"]
