from backend.core.features import EvidenceKind, Feature, every, nightly
from backend.evidence import models
from backend.evidence.actions.erasing import ERASURE
from backend.evidence.audit import models as audit_models
from backend.evidence.data import KINDS

AUDIT = "backend.evidence.audit.queries"

feature = Feature(
    name="evidence",
    blueprints=("backend.evidence.web:log", "backend.evidence.web:page"),
    tasks=(
        "backend.evidence.tasks",
        "backend.evidence.audit.tasks",
        "backend.evidence.cosigning_tasks",
        "backend.evidence.anchoring_tasks",
    ),
    data=KINDS,
    commands="backend.evidence.commands:evidence",
    gauges=f"{AUDIT}:get_gauges",
    schedule=(
        every(1, "evidence.sequence"),
        every(30, "evidence.meet_all"),
        every(3600, "evidence.tidy"),
        nightly(3, "evidence.audit"),
        every(600, "evidence.anchor"),
    ),
    evidence=(
        EvidenceKind(
            name=ERASURE,
            title="存证内容删除",
            days=11 * 366,  # longer than any kind whose erasure it tells from a theft
            known_to=frozenset(),
            rebuild=f"{AUDIT}:rebuild_erasures",
            rows=f"{AUDIT}:list_erasures",
        ),
    ),
)
__all__ = ["audit_models", "feature", "models"]
