from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.evidence.merkle import check_consistency, check_inclusion, inclusion_proof, leaf_hash, root_hash
from backend.evidence.tiles import (
    Tile,
    decode_bundle,
    encode_bundle,
    new_tiles,
    reader,
    split_hashes,
    tile_at,
)
from tests.backend.evidence import naive
from tests.factories.logs import Log, numbered


def test_a_tree_of_70000_has_the_tiles_of_the_specification():
    tiles = list(new_tiles(0, 70_000))
    of_hashes = Counter((tile.level, tile.width) for tile in tiles if tile.level is not None)
    assert of_hashes == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}
    bundles = Counter(tile.width for tile in tiles if tile.level is None)
    assert bundles == {256: 273, 112: 1}


def test_a_tree_of_256_has_a_full_tile_and_one_of_width_1():
    tiles = [tile for tile in new_tiles(0, 256) if tile.level is not None]
    assert tiles == [Tile(0, 0, 256), Tile(1, 0, 1)]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(0, 1_234_067, 112), "tile/0/x001/x234/067.p/112"),
        (Tile(None, 0, 1), "tile/entries/000.p/1"),
        (Tile(3, 999), "tile/3/999"),
        (Tile(2, 1000, 255), "tile/2/x001/000.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(tile, path):
    assert tile.path == path


@given(st.lists(st.integers(0, 700), min_size=2, max_size=5))
def test_what_a_log_has_published_grows_by_exactly_what_changed(sizes):
    steps = sorted(sizes)
    seen = set()
    for old, new in zip([0, *steps], steps, strict=False):
        seen.update(new_tiles(old, new))
    assert set(new_tiles(0, steps[-1])) <= seen
    assert all(tile_at(tile.level, tile.place, size) in seen for size in steps for tile in new_tiles(0, size))


def test_no_tile_is_empty():
    for level, place, size in ((0, 0, 0), (0, 1, 256), (1, 0, 255), (2, 0, 65_535)):
        with pytest.raises(ValueError, match="no tile"):
            tile_at(level, place, size)


@given(st.lists(st.binary(max_size=300), max_size=300))
def test_a_bundle_holds_its_entries(entries):
    assert decode_bundle(encode_bundle(entries)) == entries


@given(st.binary(max_size=100))
def test_a_bundle_is_whole_or_refused(content):
    try:
        entries = decode_bundle(content)
    except ValueError:
        return
    assert encode_bundle(entries) == content


@pytest.mark.parametrize("content", [b"\0", b"\0\1", b"\0\2a", b"\0\1a\0"])
def test_a_bundle_that_is_cut_is_refused(content):
    with pytest.raises(ValueError, match="cut short"):
        decode_bundle(content)


def test_a_tile_that_is_cut_is_refused():
    with pytest.raises(ValueError, match="cut short"):
        split_hashes(b"0" * 33)
    read = reader(3, lambda tile: b"0" * 32 * (tile.width - 1))
    with pytest.raises(ValueError, match="holds 64 bytes"):
        root_hash(3, read)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    log = Log(tmp_path_factory.mktemp("log"))
    for count in (1, 254, 1, 1, 400, 69_343):
        log.grow(numbered(count, len(log.entries)))
    return log


def test_the_tree_is_read_from_its_tiles(log):
    assert len(log.entries) == 70_000
    assert root_hash(70_000, reader(70_000, log.fetch)) == naive.mth(log.entries)


@given(st.sampled_from([257, 657, 70_000]), st.data())
def test_every_proof_from_tiles_holds(log, size, data):
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path, growth = log.prove(index, size=size).path, log.prove_growth(old, size)
    check_inclusion(index=index, size=size, leaf=leaf_hash(log.entries[index]), path=path, root=log.root(size))
    check_consistency(old=old, old_root=log.root(old), new=size, new_root=log.root(size), proof=growth)


def test_each_tile_is_fetched_once(log):
    fetched = []

    def fetch(tile):
        fetched.append(tile)
        return log.fetch(tile)

    assert root_hash(70_000, reader(70_000, fetch)) == log.root(70_000)
    assert len(fetched) == len(set(fetched)) == 3


@given(st.integers(0, 69_999))
def test_a_path_needs_one_tile_of_each_level_and_the_right_edge(log, index):
    fetched = []

    def fetch(tile):
        fetched.append(tile)
        return log.fetch(tile)

    inclusion_proof(index, 70_000, reader(70_000, fetch))
    assert len(fetched) <= 5
