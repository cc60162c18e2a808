"""Reading a code without the server: in Python beside the plain `cwt` library, in the page beside bare WebCrypto."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import uuid4

import base45
import cwt as plain
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from playwright.sync_api import sync_playwright

from backend.core import clock
from healthcode.codes import cwt
from healthcode.codes.cose import PREFIX, SigningKey, VerifyingKey
from healthcode.codes.cwt import Claims
from healthcode.codes.rules import CODE_LIFE, Colour
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.setting import Setting, served
from tests.story.stage import QUIET, find_chromium

CODES = 50
ROUNDS = 40
ISSUER, KID = "520600", bytes(range(8))
# Both take turns; each round reads all codes once. Bare: base45, CBOR and one signature, the key made before.
IN_PAGE = """async ([texts, keys, rounds]) => {
  const [{ readCode }, { decodeBase45 }, { decodeCbor, toBeSigned }] = await Promise.all(
    ["cose", "base45", "cbor"].map((name) => import(`/checkpoint/${name}.js`)));
  const { x, y } = keys[0], algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x, y }, algorithm, false, ["verify"]);
  const bare = async (text) => {
    const [header, , payload, signature] = decodeCbor(decodeBase45(text.slice(4)));
    const signed = toBeSigned(header, new Uint8Array(), payload);
    if (!(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, signed))) throw new Error();
    return decodeCbor(payload);
  };
  const found = [[], []];
  for (let round = 0; round <= rounds; round += 1)
    for (const [at, read] of [(text) => readCode(text, keys), bare].entries()) {
      const start = performance.now();
      for (const text of texts) await read(text);
      if (round) found[at].push(((performance.now() - start) * 1000) / texts.length);
    }
  return found;
}"""


def _codes(key: EllipticCurvePrivateKey) -> list[str]:
    now = clock.now().replace(microsecond=0)
    claims = (
        Claims(
            ISSUER,
            now,
            now + CODE_LIFE,
            uuid4().bytes,
            uuid4().bytes,
            Colour.GREEN,
            "杨",
            "8127",
            now + timedelta(days=1),
        )
        for _ in range(CODES)
    )
    return [cwt.issue(one, SigningKey(KID, ISSUER, key)) for one in claims]


def measure_python(_setting: Setting) -> Iterator[Figure]:
    """Ours: a text read to its claims, with all refusals asked; the floor: base45 and the library's decode."""
    key = generate_private_key(SECP256R1())
    texts = _codes(key)
    known = VerifyingKey(KID, ISSUER, key.public_key(), None)
    other = plain.COSEKey.new({1: 2, 2: KID, 3: -7, -1: 1, -2: _x(key), -3: _y(key)})

    def ours(text: str) -> object:
        return cwt.read(text, lambda _: known)

    def floor(text: str) -> object:
        return plain.decode(base45.b45decode(text.removeprefix(PREFIX)), other)

    read, decoded = _times(texts, ours, floor)
    yield Figure("healthcode.verify_python", "µs", read, decoded, Bound.RATIO_AT_MOST, 1.5)


def _times(texts: list[str], *jobs: Callable[[str], object]) -> list[float]:
    """Microseconds for one text: the median of rounds in which the jobs take turns."""
    found: list[list[float]] = [[] for _ in jobs]
    for _ in range(ROUNDS + 1):
        for times, job in zip(found, jobs, strict=True):
            start = time.process_time()
            for text in texts:
                job(text)
            times.append((time.process_time() - start) / len(texts) * 1e6)
    return [median(times[1:]) for times in found]


def _x(key: EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_numbers().x.to_bytes(32, "big")


def _y(key: EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_numbers().y.to_bytes(32, "big")


def measure_page(setting: Setting) -> Iterator[Figure]:
    """Ours: the checkpoint page's own reading in Chromium. Refuses: RuntimeError without a Chromium."""
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError("no Chromium on this machine")
    key = generate_private_key(SECP256R1())
    public: dict[str, Any] = {"kid": KID.hex(), "issuer": ISSUER, "retired_at": None}
    public |= {"x": _base64url(_x(key)), "y": _base64url(_y(key))}
    with served(setting) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, "--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/console/sign-in")
        ours, bare = page.evaluate(IN_PAGE, [_codes(key), [public], ROUNDS])
        browser.close()
    yield Figure("healthcode.verify_page", "µs", median(ours), median(bare), Bound.RATIO_AT_MOST, 2.0)


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
