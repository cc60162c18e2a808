"""Tiles and entry bundles: a log's tree and entries as static files (C2SP tlog-tiles).

A tile holds up to 256 hashes of one level; the hashes of level n + 1 are the roots over full tiles of level n.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from struct import Struct

from backend.evidence.merkle import HASH_BYTES, Read

HEIGHT = 8
WIDTH = 1 << HEIGHT
LENGTH_BYTES = 2
PAIR = Struct(f"{2 * HASH_BYTES}s")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's or bundle's coordinates; `width` below 256 says that it is partial. Level None is an entry bundle."""

    level: int | None
    place: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Below the log's prefix: "tile/0/x001/x234/067.p/112"."""
        digits = f"{self.place:d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        suffix = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{'entries' if self.level is None else self.level}/{number}{suffix}"


def tile_at(level: int | None, place: int, size: int) -> Tile:
    """The tile at this place in a tree of this size, full or partial. Raises ValueError when it would be empty."""
    width = min(WIDTH, (size >> HEIGHT * (level or 0)) - place * WIDTH)
    if width <= 0:
        raise ValueError(f"no tile {place} on level {level} in a tree of {size}")
    return Tile(level, place, width)


def new_tiles(old: int, new: int) -> Iterator[Tile]:
    """The tiles that a tree grown from `old` to `new` has and the old one had not: hashes by level, then bundles."""
    level = 0
    while new >> HEIGHT * level:
        before, after = old >> HEIGHT * level, new >> HEIGHT * level
        if after > before:
            yield from (tile_at(level, place, new) for place in range(before >> HEIGHT, (after - 1 >> HEIGHT) + 1))
        level += 1
    if new > old:
        yield from (tile_at(None, place, new) for place in range(old >> HEIGHT, (new - 1 >> HEIGHT) + 1))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each after its length as a big-endian uint16."""
    return b"".join(len(entry).to_bytes(LENGTH_BYTES, "big") + entry for entry in entries)


def decode_bundle(content: bytes) -> list[bytes]:
    """The entries. Raises ValueError when the last one is cut."""
    entries, at = [], 0
    while at < len(content):
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(content[at:start], "big")
        if at > len(content) or start > len(content):
            raise ValueError("entry bundle cut short")
        entries.append(content[start:at])
    return entries


def split_hashes(content: bytes) -> list[bytes]:
    """A tile's hashes. Raises ValueError when its length is no multiple of one."""
    if len(content) % HASH_BYTES:
        raise ValueError("tile cut short")
    return [content[i : i + HASH_BYTES] for i in range(0, len(content), HASH_BYTES)]


def subtrees(tile: Tile, content: bytes) -> list[bytes]:
    """The hashes of all perfect subtrees inside a tile, by their height in it, those of one height in a row.

    Raises ValueError when the content isn't as wide as the tile.
    """
    if len(content) != tile.width * HASH_BYTES:
        raise ValueError(f"{tile.path} holds {len(content)} bytes")
    rows = [content]
    for _ in range(HEIGHT - 1):
        row = rows[-1]
        pairs = PAIR.iter_unpack(row[: len(row) & -PAIR.size])
        rows.append(b"".join([sha256(b"\1" + pair).digest() for (pair,) in pairs]))
    return rows


def reader(size: int, fetch: Callable[[Tile], bytes]) -> Read:
    """Read the tree of this size from its tiles; each tile is fetched once."""
    return reader_of(size, cache(lambda tile: subtrees(tile, fetch(tile))))


def reader_of(size: int, rows_of: Callable[[Tile], list[bytes]]) -> Read:
    """Read the tree of this size from its tiles' subtrees, which somebody keeps."""

    def read(height: int, place: int) -> bytes:
        level, inside = divmod(height, HEIGHT)
        above = HEIGHT - inside
        at = (place & (1 << above) - 1) * HASH_BYTES
        return rows_of(tile_at(level, place >> above, size))[inside][at : at + HASH_BYTES]

    return read
