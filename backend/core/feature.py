from backend.core.data import KINDS
from backend.core.features import Feature, every

feature = Feature(
    name="core",
    tasks=("backend.core.background",),
    schedule=(
        every(10, "core.sweep"),
        every(3600, "core.tidy"),
        every(15, "core.heartbeat.default"),
        every(15, "core.heartbeat.bulk"),
        every(15, "core.heartbeat.log"),
    ),
    data=KINDS,
    commands="backend.core.commands:keys",
    blueprints=("backend.core.health:blueprint", "backend.core.assets:blueprint"),
)
