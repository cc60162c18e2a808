from backend.accounts.events import ClaimDecided
from backend.core.features import Feature, every, on
from backend.notices import models
from backend.notices.data import KINDS

feature = Feature(
    name="notices",
    listeners=(on(ClaimDecided, "backend.notices.actions:tell_claim_decided"),),
    data=KINDS,
    schedule=(every(15, "notices.send"),),
    tasks=("backend.notices.tasks", "backend.notices.sign_in_tasks"),
)
__all__ = ["feature", "models"]
