"""Merkle trees of RFC 6962, section 2.1, over SHA-256: hashes, and the checks of both kinds of proof.

Nothing here knows where hashes are kept: `Read` asks for the hash of a perfect subtree, by its height and its place
among the subtrees of that height.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()
Read = Callable[[int, int], bytes]
"""`read(height, place)`: the hash of the leaves from place * 2**height on, 2**height of them."""


class Unproven(ValueError):  # noqa: N818 - what is said of a proof
    """A proof that doesn't prove; the message says in which way."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two neighbouring subtrees."""
    return sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over so many neighbouring subtrees of one height; their number is a power of two."""
    level = list(hashes)
    while len(level) > 1:
        pairs = iter(level)
        level = [sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return level[0]


def perfect(start: int, end: int) -> list[tuple[int, int]]:
    """The perfect subtrees, as (height, place), that RFC 6962 splits [start, end) into, largest first.

    `start` is a multiple of a power of two that is not less than the range's length, as it is for every subtree of
    such a tree.
    """
    found = []
    while start < end:
        height = (end - start).bit_length() - 1
        found.append((height, start >> height))
        start += 1 << height
    return found


def range_hash(start: int, end: int, read: Read) -> bytes:
    """The hash of the subtree over the leaves [start, end)."""
    *left, last = [read(height, place) for height, place in perfect(start, end)]
    for each in reversed(left):
        last = node_hash(each, last)
    return last


def root_hash(size: int, read: Read) -> bytes:
    """The root of the tree of this size."""
    return range_hash(0, size, read) if size else EMPTY_ROOT


def _split(size: int) -> int:
    """The largest power of two that is less than `size`."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, read: Read) -> list[bytes]:
    """The path (RFC 6962, 2.1.1) of the leaf at `index` in the tree of this size, from the leaf's sibling upwards."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return [range_hash(*each, read) for each in reversed(path)]


def consistency_proof(old: int, new: int, read: Read) -> list[bytes]:
    """The proof (RFC 6962, 2.1.2) that the tree of size `new` begins with the tree of size `old`."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} can't begin with one of {old}")
    if old in {0, new}:
        return []
    start, end, path = 0, new, []
    whole = True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, whole = middle, False
    if not whole:
        path.append((start, end))
    return [range_hash(*each, read) for each in reversed(path)]


def check_inclusion(*, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf's hash is at this index of the tree (RFC 9162, 2.1.3.2). Raises Unproven."""
    if not 0 <= index < size:
        raise Unproven("index outside the tree")
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(path) != inner + border or any(len(each) != HASH_BYTES for each in path):
        raise Unproven("path of the wrong length")
    found = leaf
    for level, sibling in enumerate(path):
        on_the_right = level >= inner or index >> level & 1
        found = sha256(b"\1" + (sibling + found if on_the_right else found + sibling)).digest()
    if found != root:
        raise Unproven("path leads to another root")


def check_consistency(*, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the new tree begins with the old one (RFC 9162, 2.1.4.2). Raises Unproven."""
    if not 0 <= old <= new:
        raise Unproven("the tree has become smaller")
    if old in {0, new}:
        if proof or (old == 0 and old_root != EMPTY_ROOT) or (old == new and old_root != new_root):
            raise Unproven("not the same tree")
        return
    shift = (old & -old).bit_length() - 1
    inner = (old - 1 ^ new - 1).bit_length() - shift
    seeded = old == 1 << shift
    path = [old_root, *proof] if seeded else list(proof)
    border = (old - 1 >> inner + shift).bit_count()
    if len(path) != 1 + inner + border or any(len(each) != HASH_BYTES for each in path):
        raise Unproven("proof of the wrong length")
    first, rest = path[0], path[1:]
    mask = old - 1 >> shift
    before = after = first
    for level, sibling in enumerate(rest):
        if level >= inner or mask >> level & 1:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
        else:
            after = node_hash(after, sibling)
    if before != old_root:
        raise Unproven("not what the old tree was")
    if after != new_root:
        raise Unproven("not what the new tree is")


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The hashes of many entries, as `leaf_hash` gives them."""
    return [sha256(b"\0" + entry).digest() for entry in entries]
