"""Inclusion proofs from published tiles, in a small log and in a large one, and the verifier.

Beside them stands what can't be saved: reading the same tiles; the hashes and the signature that a proof is made of.
"""

import hmac
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from statistics import median
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from backend.evidence import publishing
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.commitment import DOMAIN, Opening
from backend.evidence.merkle import fold, inclusion_proof, leaf_hashes, root_hash
from backend.evidence.note import TIME_BYTES, Algorithm, Note, PrivateKey, PublicKey
from backend.evidence.policy import Policy
from backend.evidence.proof import Proof
from backend.evidence.tiles import WIDTH, Tile, new_tiles, reader
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.setting import Setting

SMALL, LARGE = 10_000, 1_000_000
PROOFS = 20
"""Of a round."""
ROUNDS = 50
ORIGIN = "linghuo.local/log"
WITNESSES = ("market-supervision", "tax", "bank", "insurer")
CONTENT = {"person": "01915a4e-7a5b-7c3d-8e9f-001122334455", "from": "green", "to": "red", "reasons": ["stay.high"] * 9}
AT = 123_456


def measure_proof(setting: Setting) -> Iterator[Figure]:
    """Ours: proofs for records anywhere in a log of a million, as the product makes one after the other."""
    with setting.app.app_context(), _own_log(setting):
        _publish(leaf_hashes(number.to_bytes(32, "big") for number in range(LARGE)))

        def in_log_of(size: int) -> Callable[[int], object]:
            return lambda index: inclusion_proof(index, size, publishing.read_tree(size))

        def first(index: int) -> object:
            return inclusion_proof(index, LARGE, reader(LARGE, publishing.fetch))

        def read(index: int) -> object:
            return [publishing.fetch(tile) for tile in needed[index]]

        needed = {index: _tiles_of(index) for index in random.sample(range(LARGE), PROOFS)}
        inside = random.sample(range(SMALL), PROOFS)
        large, small, alone, tiles = _times(
            (in_log_of(LARGE), list(needed)), (in_log_of(SMALL), inside), (first, list(needed)), (read, list(needed))
        )
    yield Figure("evidence.proof_growth", "µs", large, small, Bound.RATIO_AT_MOST, 2.5)
    yield Figure("evidence.proof", "µs", large, tiles, Bound.RATIO_AT_MOST, 3.0)
    yield Figure("evidence.proof_nothing_kept", "µs", alone, tiles)


@contextmanager
def _own_log(setting: Setting) -> Iterator[None]:
    """Within the block the product publishes elsewhere than the log that other benchmarks let grow."""
    usual = setting.app.config["LINGHUO"]
    elsewhere = (setting.config.data_dir / "proving").as_uri()
    setting.app.config["LINGHUO"] = usual.model_copy(update={"log_url": elsewhere})
    try:
        yield
    finally:
        setting.app.config["LINGHUO"] = usual


def _publish(leaves: list[bytes]) -> None:
    """Both trees' tiles; the smaller one is how the larger one began."""
    levels = [leaves]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append([fold(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)])
    wanted = {tile for size in (SMALL, LARGE) for tile in new_tiles(0, size) if tile.level is not None}
    publishing.log_store().write_many((tile.path, b"".join(_hashes(levels, tile))) for tile in wanted)


def _hashes(levels: list[list[bytes]], tile: Tile) -> list[bytes]:
    start = tile.place * WIDTH
    return levels[tile.level or 0][start : start + tile.width]


def _tiles_of(index: int) -> list[Tile]:
    """The tiles that a proof reads."""
    wanted: list[Tile] = []

    def fetch(tile: Tile) -> bytes:
        wanted.append(tile)
        return publishing.fetch(tile)

    inclusion_proof(index, LARGE, reader(LARGE, fetch))
    return wanted


def measure_verify(_setting: Setting) -> Iterator[Figure]:
    """Ours: a proof's text read and checked against a policy.

    Beside it the same hashes and signatures by themselves, once with the log's signature alone, once with four
    witnesses' besides.
    """
    log = PrivateKey.generate(ORIGIN, Algorithm.LOG)
    keys = [PrivateKey.generate(f"{name}.example/witness", Algorithm.COSIGNATURE) for name in WITNESSES]
    opening = Opening.of(UUID(CONTENT["person"]), "codes.colour", CONTENT)
    proof = _prove(opening, log, keys)
    lines = [f"witness {name} {key.public}" for name, key in zip(WITNESSES, keys, strict=True)]
    alone = Policy.parse(f"log {log.public}\nquorum none")
    all_of_us = Policy.parse(
        "\n".join([f"log {log.public}", *lines, f"group all all {' '.join(WITNESSES)}", "quorum all"])
    )
    bare = Proof(proof.index, proof.path, Note(proof.checkpoint.text, proof.checkpoint.signatures[:1]), opening)

    def checking(one: Proof, policy: Policy) -> Callable[[int], object]:
        text = str(one)
        return lambda _: Proof.parse(text).check(policy)

    rounds = [0] * PROOFS
    verified, hashed, witnessed, everything = _times(
        (checking(bare, alone), rounds),
        (_floor(bare, [log.public]), rounds),
        (checking(proof, all_of_us), rounds),
        (_floor(proof, [log.public, *(key.public for key in keys)]), rounds),
    )
    yield Figure("evidence.verify", "µs", verified, hashed, Bound.RATIO_AT_MOST, 2.0)
    yield Figure("evidence.verify_with_4_witnesses", "µs", witnessed, everything, Bound.RATIO_AT_MOST, 2.0)


def _prove(opening: Opening, log: PrivateKey, witnesses: Sequence[PrivateKey]) -> Proof:
    """A proof as long as one of a log of a million."""
    leaves = leaf_hashes(number.to_bytes(32, "big") for number in range(LARGE))
    leaves[AT] = leaf_hashes([opening.commitment])[0]
    rows = [leaves]
    while len(rows[-1]) > 1:
        pairs = iter(rows[-1])
        rows.append([sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)])

    def read(height: int, place: int) -> bytes:
        return rows[height][place]

    text = Checkpoint(ORIGIN, LARGE, root_hash(LARGE, read)).text
    now = int(time.time())
    note = Note(text, (log.sign(text), *(key.cosign(text, now) for key in witnesses)))
    return Proof(AT, tuple(inclusion_proof(AT, LARGE, read)), note, opening)


def _floor(proof: Proof, keys: Sequence[PublicKey]) -> Callable[[int], object]:
    """The commitment, the path and the signatures, already taken apart, and nothing else."""
    opening = proof.opening
    assert opening
    message = b"\0".join((DOMAIN, opening.kind.encode(), opening.id.bytes + opening.canonical))
    signed = []
    for key, signature in zip(keys, proof.checkpoint.signatures, strict=True):
        text, content = proof.checkpoint.text, signature.content
        if key.algorithm is Algorithm.COSIGNATURE:
            text, content = f"cosignature/v1\ntime {signature.time}\n{text}", content[TIME_BYTES:]
        signed.append((key.raw, content, text.encode()))
    root = Checkpoint.parse(proof.checkpoint.text).root

    def check(_: int) -> None:
        found = sha256(b"\0" + hmac.digest(opening.salt, message, "sha256")).digest()
        for level, sibling in enumerate(proof.path):
            pair = sibling + found if proof.index >> level & 1 else found + sibling
            found = sha256(b"\1" + pair).digest()
        for raw, content, text in signed:
            Ed25519PublicKey.from_public_bytes(raw).verify(content, text)
        if found != root:
            raise ValueError("the floor doesn't do what it says")

    return check


def _times(*jobs: tuple[Callable[[int], object], list[int]]) -> list[float]:
    """Microseconds that each job takes for one of its items: the median of rounds in which all take turns."""
    found: list[list[float]] = [[] for _ in jobs]
    for _ in range(ROUNDS + 1):
        for times, (job, items) in zip(found, jobs, strict=True):
            start = time.process_time()
            for item in items:
                job(item)
            times.append((time.process_time() - start) / len(items) * 1e6)
    return [median(times[1:]) for times in found]
