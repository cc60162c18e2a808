"""The right edge of a growing tree: all of it that is needed to add leaves, in memory that doesn't grow with it."""

from collections.abc import Callable, Iterator, Sequence

from backend.evidence.merkle import fold, leaf_hashes, root_hash
from backend.evidence.tiles import HEIGHT, WIDTH, Tile, decode_bundle, encode_bundle, split_hashes, tile_at


class Edge:
    """The last, unfinished tile of each level and the last, unfinished bundle, of a tree of `size` leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._entries: list[bytes] = []
        self._levels: list[list[bytes]] = [[]]

    @classmethod
    def load(cls, size: int, fetch: Callable[[Tile], bytes]) -> "Edge":
        """The edge of a tree of this size, read from its tiles. Raises ValueError for tiles that can't be its."""
        edge = cls()
        edge.size = size
        edge._levels = [
            _last(split_hashes, level, size, fetch) for level in range(max(1, -(-size.bit_length() // HEIGHT)))
        ]
        edge._entries = _last(decode_bundle, None, size, fetch)
        if leaf_hashes(edge._entries) != edge._levels[0]:
            raise ValueError("the last entries aren't those of the last tile")
        return edge

    @property
    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return root_hash(self.size, self._read)

    def _read(self, height: int, place: int) -> bytes:
        """The root of a tree asks for perfect subtrees of its right edge alone."""
        level, inside = divmod(height, HEIGHT)
        at = (place << inside) % WIDTH
        return fold(self._levels[level][at : at + (1 << inside)])

    def append(self, entries: Sequence[bytes]) -> Iterator[tuple[Tile, bytes]]:
        """Add entries; gives the tiles and bundles that they fill, which never change again."""
        start = 0
        while start < len(entries):
            chunk = entries[start : start + WIDTH - len(self._entries)]
            self._entries += chunk
            self._levels[0] += leaf_hashes(chunk)
            self.size += len(chunk)
            start += len(chunk)
            if len(self._entries) == WIDTH:
                yield Tile(None, self.size // WIDTH - 1), encode_bundle(self._entries)
                self._entries = []
                yield from self._close(0)

    def _close(self, level: int) -> Iterator[tuple[Tile, bytes]]:
        hashes, self._levels[level] = self._levels[level], []
        yield Tile(level, (self.size >> HEIGHT * (level + 1)) - 1), b"".join(hashes)
        if level + 1 == len(self._levels):
            self._levels.append([])
        self._levels[level + 1].append(fold(hashes))
        if len(self._levels[level + 1]) == WIDTH:
            yield from self._close(level + 1)

    def unfinished(self, before: int) -> Iterator[tuple[Tile, bytes]]:
        """The partial tiles and the partial bundle that the tree of size `before` had not."""
        for level, hashes in enumerate(self._levels):
            if hashes and self.size >> HEIGHT * level > before >> HEIGHT * level:
                yield tile_at(level, self.size >> HEIGHT * (level + 1), self.size), b"".join(hashes)
        if self._entries and self.size > before:
            yield tile_at(None, self.size >> HEIGHT, self.size), encode_bundle(self._entries)


def outgrown(before: int, after: int) -> Iterator[Tile]:
    """The partial tiles and bundle of the tree of size `before` whose full ones the tree of size `after` has."""
    for level in range(-(-before.bit_length() // HEIGHT)):
        place, width = divmod(before >> HEIGHT * level, WIDTH)
        if width and after >> HEIGHT * (level + 1) > place:
            yield Tile(level, place, width)
            if level == 0:
                yield Tile(None, place, width)


def _last(
    split: Callable[[bytes], list[bytes]], level: int | None, size: int, fetch: Callable[[Tile], bytes]
) -> list[bytes]:
    """What the unfinished tile of this level, or the unfinished bundle, holds."""
    place, width = divmod(size >> HEIGHT * (level or 0), WIDTH)
    if not width:
        return []
    parts = split(fetch(tile_at(level, place, size)))
    if len(parts) != width:
        raise ValueError(f"a tile of {len(parts)} where {width} belong")
    return parts
