"""The telling: steps with their results, and pictures of the pages."""

import base64
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect

from tests.story.instance import Instance
from tests.story.stage import DESK, PHONE, READ_PICTURE, Stage

SETTLE_MS, CHARTS_SETTLE_MS = 120, 900
"""For layouts, and for charts that move into place, after a change of the window's size."""
LONGEST_FAULT = 900


class Broken(Exception):  # noqa: N818 - the end of a chapter, told already
    """A step did not hold; what builds on it in this chapter can't be told."""


@dataclass(frozen=True, slots=True)
class Step:
    sentence: str
    seconds: float
    fault: str


@dataclass
class Tale:
    """What the chapters share."""

    stage: Stage
    instance: Instance
    pictures: Path
    say: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)
    shots: int = 0

    @contextmanager
    def step(self, sentence: str, *, refusals: tuple[int, ...] = (), offline: bool = False) -> Iterator[None]:
        """One sentence of the story. `refusals`: statuses of answers that this step provokes.

        Refuses: Broken when it did not hold. Faults in the browser's console are told, and the chapter goes on.
        """
        began = time.monotonic()
        try:
            yield
        except Exception as fault:
            self._told(sentence, began, [str(fault) or repr(fault), *self.stage.take_faults(refusals, offline=offline)])
            self._shoot_failure()
            raise Broken(sentence) from fault
        self._told(sentence, began, self.stage.take_faults(refusals, offline=offline))

    def _told(self, sentence: str, began: float, faults: list[str]) -> None:
        step = Step(sentence, time.monotonic() - began, "\n".join(faults)[:LONGEST_FAULT])
        self.steps.append(step)
        self.say(f"  {'✗' if faults else '✓'} {sentence}（{step.seconds:.1f} 秒）")
        for line in step.fault.splitlines():
            self.say(f"      {line}")

    def tell(self, chapter: Callable[[], None], title: str) -> None:
        """A chapter, to its end or to the step that did not hold. What breaks between steps is told as a step."""
        try:
            chapter()
        except Broken:
            return
        except Exception as fault:  # noqa: BLE001 - the other chapters can still be told
            self._told(title, time.monotonic(), [repr(fault)])

    @property
    def failures(self) -> list[Step]:
        return [step for step in self.steps if step.fault]

    def shoot(self, page: Page, name: str) -> None:
        """The page as it is now, whole, on a phone and on a desktop."""
        self.shots += 1
        before = page.viewport_size
        for label, size in (("手机", PHONE), ("桌面", DESK)):
            page.set_viewport_size(size)  # type: ignore[arg-type] # a ViewportSize is such a dict
            page.wait_for_timeout(CHARTS_SETTLE_MS if page.locator("canvas").count() else SETTLE_MS)
            page.screenshot(path=self.pictures / f"{self.shots:02d}-{name}-{label}.png", full_page=True, scale="css")
        if before:
            page.set_viewport_size(before)

    def _shoot_failure(self) -> None:
        """Every screen as it stands, with the number of the step."""
        pages = [page for context in self.stage.devices for page in context.pages if page.url.startswith("http")]
        for number, page in enumerate(pages):
            title = re.sub(r"[^\w-]+", "", page.title()) or "无题"
            page.screenshot(path=self.pictures / f"失败-{len(self.steps):02d}-{number}-{title}.png")


def read_qr(code: Locator) -> str:
    """The text of a QR code as a camera would see it: from a picture of the screen. Its page must be the product's."""
    try:
        picture = code.screenshot()
    except PlaywrightError:  # it was renewed at this moment
        picture = code.screenshot()
    text: str = code.page.evaluate(READ_PICTURE, base64.b64encode(picture).decode())
    return text


def until(page: Page, found: Locator, times: int = 20) -> None:
    """Load a page again until something stands on it that a task brings."""
    for _ in range(times):
        if found.is_visible():
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(found).to_be_visible()
