"""What every follower must refuse; each spoils a published log, or the proofs that come with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from backend.evidence.note import Algorithm, PrivateKey
from tests.independent.followers import Published


def _spoil(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def change_an_entry(log: Published) -> Published:
    """Entry 255 says something else than the tree."""
    _spoil(log.folder / "tile/entries/000", -1)
    return log


def change_a_tile(log: Published) -> Published:
    _spoil(log.folder / "tile/0/000", 40)
    return log


def change_a_partial_tile(log: Published) -> Published:
    _spoil(log.folder / "tile/0/001.p/44", 40)
    return log


def change_an_upper_tile(log: Published) -> Published:
    _spoil(log.folder / "tile/1/000.p/1", 0)
    return log


def lose_a_tile(log: Published) -> Published:
    (log.folder / "tile/0/000").unlink()
    return log


def change_the_size(log: Published) -> Published:
    return _rewrite(log, "\n300\n", "\n299\n")


def change_the_root(log: Published) -> Published:
    note = (log.folder / "checkpoint").read_text(encoding="utf-8")
    root = note.split("\n")[2]
    return _rewrite(log, root, ("B" if root[0] == "A" else "A") + root[1:])


def change_a_cosignatures_time(log: Published) -> Published:
    """The eight bytes before the signature itself are the time."""
    *lines, last = (log.folder / "checkpoint").read_text(encoding="utf-8").rstrip("\n").split("\n")
    head, _, signature = last.rpartition(" ")
    changed = signature[:12] + ("B" if signature[12] == "A" else "A") + signature[13:]
    (log.folder / "checkpoint").write_text("\n".join([*lines, f"{head} {changed}", ""]), encoding="utf-8")
    return log


def leave_a_cosignature_out(log: Published) -> Published:
    note = (log.folder / "checkpoint").read_text(encoding="utf-8")
    (log.folder / "checkpoint").write_text(note[: note.rindex("—")], encoding="utf-8")
    return log


def trust_another_log(log: Published) -> Published:
    name = log.log_key.partition("+")[0]
    return replace(log, log_key=str(PrivateKey.generate(name, Algorithm.LOG).public))


def trust_another_witness(log: Published) -> Published:
    name = log.witness_keys[0].partition("+")[0]
    key = str(PrivateKey.generate(name, Algorithm.COSIGNATURE).public)
    return replace(log, witness_keys=[key, *log.witness_keys[1:]])


def prove_another_entry(log: Published) -> Published:
    first, *rest = log.inclusions
    return replace(log, inclusions=[replace(first, leaf=b"another"), *rest])


def prove_another_place(log: Published) -> Published:
    first, *rest = log.inclusions
    return replace(log, inclusions=[replace(first, index=first.index + 1), *rest])


def shorten_a_path(log: Published) -> Published:
    first, *rest = log.inclusions
    return replace(log, inclusions=[replace(first, path=first.path[:-1]), *rest])


def prove_another_growth(log: Published) -> Published:
    first, *rest = log.consistencies
    return replace(log, consistencies=[replace(first, old_root=b"\1" * 32), *rest])


def _rewrite(log: Published, old: str, new: str) -> Published:
    note = (log.folder / "checkpoint").read_text(encoding="utf-8")
    assert old in note
    (log.folder / "checkpoint").write_text(note.replace(old, new, 1), encoding="utf-8")
    return log


Forgery = Callable[[Published], Published]
OF_CHECKPOINTS: tuple[Forgery, ...] = (change_the_size, change_the_root, trust_another_log)
OF_COSIGNATURES: tuple[Forgery, ...] = (change_a_cosignatures_time, leave_a_cosignature_out, trust_another_witness)
OF_TILES: tuple[Forgery, ...] = (change_a_tile, change_a_partial_tile, change_an_upper_tile, lose_a_tile)
OF_ENTRIES: tuple[Forgery, ...] = (change_an_entry,)
OF_INCLUSIONS: tuple[Forgery, ...] = (prove_another_entry, prove_another_place, shorten_a_path)
OF_GROWTH: tuple[Forgery, ...] = (prove_another_growth,)
ALL = (*OF_CHECKPOINTS, *OF_COSIGNATURES, *OF_TILES, *OF_ENTRIES, *OF_INCLUSIONS, *OF_GROWTH)
