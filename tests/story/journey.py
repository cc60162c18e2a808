"""The first story (码上复工), in its order."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.story import cast, door, governments, handover, origin, station, work, worker
from tests.story.people import World
from tests.story.tale import Tale

Chapter = Callable[[World], None]

CHAPTERS: tuple[tuple[str, tuple[Chapter, ...]], ...] = (
    ("铜仁建输送、导入花名册", (origin.make_transfer, origin.import_roster, origin.offer, origin.post_place_code)),
    ("昆山确认，无关的遵义看不到", (governments.agree, governments.stranger)),
    (
        "务工人员登记、申报、亮码",
        (worker.first_worker, worker.second_worker, worker.fever, worker.forgetful, worker.family),
    ),
    ("有争议的身份交给经办人", (worker.second_claim, worker.stranger, origin.decide_claims, worker.readers)),
    ("到站扫场所码", (worker.scan_place, worker.scan_by_camera)),
    (
        "查验员扫码",
        (
            station.open_page,
            worker.hold_up_codes,
            station.scan_codes,
            station.scan_odd_codes,
            station.scan_without_network,
            station.scan_by_camera,
        ),
    ),
    ("检查、提醒、两地看到同一份", (governments.check, worker.messages, governments.look, worker.look_around)),
    ("上车、异议、换车", (door.depart, door.dispute, door.break_down)),
    ("夜里到达，一张名单一个签名", (handover.hand_over, door.arrive)),
    ("企业确认上岗，到期删除", (work.start, handover.erase)),
)


def tell(tale: Tale, folder: Path) -> bool:
    """All chapters; one that breaks doesn't keep the next from being told. Whether every step held."""
    files = cast.write_files(folder, datetime.now(UTC))
    desks = [tale.stage.desk() for _ in range(3)]
    world = World(tale, folder, files, *desks, officer=tale.stage.phone())
    for title, chapters in CHAPTERS:
        tale.say(f"\n{title}")
        for chapter in chapters:
            tale.tell(partial(chapter, world), title)
    return not tale.failures
