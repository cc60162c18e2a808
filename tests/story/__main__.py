"""`make story`: retell the first story against a fresh instance, in a real browser.

A line a step, pictures under DATA_DIR/story/; exit status 0 only if every step held, 2 without a Chromium.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from backend.core.config import Config
from backend.local import services
from tests.story.instance import NotStarted, running
from tests.story.journey import tell
from tests.story.stage import curtain, find_chromium
from tests.story.tale import Tale

NO_BROWSER = (
    "没有找到 Chromium，故事没有讲。请先安装：Debian 上是 apt-get install chromium fonts-noto-cjk，然后再运行。"
)


def main() -> int:
    """Exit status as above."""
    chromium = find_chromium()
    if chromium is None:
        say(NO_BROWSER)
        return 2
    data_dir = Config().data_dir.resolve()
    pictures = data_dir / "story"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    began = time.monotonic()
    say("正在启动一套全新的实例……")
    try:
        with running(data_dir / "story-instance", services.free_port(10)) as instance:
            say(f"实例已就绪：{instance.url}（{time.monotonic() - began:.1f} 秒）")
            with tempfile.TemporaryDirectory() as folder, curtain(chromium) as stage:
                tale = Tale(stage, instance, pictures, say)
                tell(tale, Path(folder))
    except NotStarted as fault:
        say(f"实例没有启动：\n{fault}")
        return 1
    held = len(tale.steps) - len(tale.failures)
    say(f"\n{len(tale.steps)} 步，{held} 步成立，用时 {time.monotonic() - began:.0f} 秒。截图在 {pictures}")
    for step in tale.failures:
        say(f"  ✗ {step.sentence}")
    return 1 if tale.failures else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
