"""A real Chromium, and the devices on which the story's people look at their pages."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import qrcode
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebError, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
PHONE = {"width": 375, "height": 812}
DESK = {"width": 1280, "height": 800}
CHINESE = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "accept_downloads": True}
PATIENCE_MS = 10_000
FILM = 640, 480
NOT_LOADED = "Failed to load resource"


def find_chromium() -> str | None:
    """Where a Chromium is, if anywhere."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Stage:
    """The browser, and what went wrong in any of its pages."""

    browser: Browser
    film: Path
    faults: list[str] = field(default_factory=list)
    devices: list[BrowserContext] = field(default_factory=list)

    def desk(self, **more: Any) -> Page:
        """A desktop of its own, nobody signed in."""
        return self._device(viewport=DESK, **more)

    def phone(self, **more: Any) -> Page:
        """A phone of its own, nobody signed in; `geolocation` puts it somewhere and lets pages ask."""
        if "geolocation" in more:
            more["permissions"] = [*more.get("permissions", ()), "geolocation"]
        return self._device(viewport=PHONE, device_scale_factor=2, has_touch=True, is_mobile=True, **more)

    def _device(self, **options: Any) -> Page:
        context = self.browser.new_context(**CHINESE, **options)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._hear)
        context.on("weberror", self._note)
        self.devices.append(context)
        return context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"{message.text}（{message.location.get('url', '')}）")

    def _note(self, error: WebError) -> None:
        self.faults.append(str(error.error))

    def take_faults(self, refusals: tuple[int, ...], *, offline: bool = False) -> list[str]:
        """What went wrong since the last time, but for answers with these statuses, which the step is about."""
        found, self.faults[:] = list(self.faults), []
        meant = [f"the server responded with a status of {status}" for status in refusals]
        meant += ["net::ERR_INTERNET_DISCONNECTED"] if offline else []
        return [fault for fault in found if not (NOT_LOADED in fault and any(each in fault for each in meant))]

    def another(self) -> "Stage":
        """The same browser with devices and faults of its own."""
        return Stage(self.browser, self.film)

    def leave(self) -> None:
        """Close every device."""
        while self.devices:
            self.devices.pop().close()

    def point_camera_at(self, text: str) -> None:
        """Let every camera that is opened from now on see a QR code of this text."""
        # A film of its own: a page on its way out, whose camera is still open, must not see the new one.
        shot = self.film.with_suffix(".shot")
        shot.write_bytes(filmed(text))
        shot.replace(self.film)


@contextmanager
def curtain(chromium: str) -> Iterator[Stage]:
    """A browser until the block ends."""
    with tempfile.TemporaryDirectory(prefix="linghuo-film-") as folder, sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        film = Path(folder) / "camera.y4m"
        film.write_bytes(filmed(""))
        camera = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
        alone = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *camera, *alone])
        try:
            yield Stage(browser, film)
        finally:
            browser.close()


def filmed(text: str) -> bytes:
    """Half a second of a QR code before a white wall, as an uncompressed film (YUV4MPEG2, 4:2:0)."""
    width, height = FILM
    wall = Image.new("L", FILM, 255)
    if text:
        code = qrcode.QRCode(border=4, box_size=1, error_correction=qrcode.constants.ERROR_CORRECT_M)
        code.add_data(text)
        picture = code.make_image().get_image().convert("L")
        times = (height - 20) // picture.height
        side = picture.height * times
        wall.paste(picture.resize((side, side), Image.Resampling.NEAREST), ((width - side) // 2, (height - side) // 2))
    frame = b"FRAME\n" + wall.tobytes() + bytes([128]) * (width * height // 2)
    return f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 5


READ_PICTURE = """async (base64) => {
  const {default: decode} = await import("/assets/qr/decode.js");
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return decode(context.getImageData(0, 0, canvas.width, canvas.height));
}"""
