from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.evidence.merkle import (
    EMPTY_ROOT,
    Read,
    Unproven,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_hash,
)
from tests.backend.evidence import naive

# The entries and roots with which the implementations of Certificate Transparency are tested.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 70
SIZES = st.integers(1, MOST)
LEAVES = [bytes([number]) * number for number in range(MOST)]


def reading(entries: list[bytes]) -> Read:
    return lambda height, place: naive.mth(entries[place << height : (place + 1) << height])


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size):
    assert root_hash(size, reading(ENTRIES)).hex() == ROOTS[size]
    assert naive.mth(ENTRIES[:size]).hex() == ROOTS[size]


def test_paths_are_those_of_the_rfcs_example():
    """RFC 6962, 2.1.3: a tree of seven leaves."""
    read = reading(ENTRIES)
    a, b, c, d, e, f, j = leaf_hashes(ENTRIES[:7])
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, last = node_hash(g, h), node_hash(i, j)
    assert inclusion_proof(0, 7, read) == [b, h, last]
    assert inclusion_proof(3, 7, read) == [c, g, last]
    assert inclusion_proof(4, 7, read) == [f, j, k]
    assert inclusion_proof(6, 7, read) == [i, k]
    assert consistency_proof(3, 7, read) == [c, d, g, last]
    assert consistency_proof(4, 7, read) == [last]
    assert consistency_proof(6, 7, read) == [i, j, k]


@given(SIZES, st.data())
def test_proofs_are_those_of_the_definition_and_hold(size, data):
    entries, read = LEAVES[:size], reading(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    root, before = root_hash(size, read), naive.mth(entries[:old])

    path, growth = inclusion_proof(index, size, read), consistency_proof(old, size, read)

    assert root == naive.mth(entries)
    assert path == naive.path(index, entries)
    assert growth == naive.proof(old, entries)
    check_inclusion(index=index, size=size, leaf=leaf_hash(entries[index]), path=path, root=root)
    check_consistency(old=old, old_root=before, new=size, new_root=root, proof=growth)


def is_included(**claim: object) -> bool:
    try:
        check_inclusion(**claim)  # type: ignore[arg-type]
    except Unproven:
        return False
    return True


def is_consistent(**claim: object) -> bool:
    try:
        check_consistency(**claim)  # type: ignore[arg-type]
    except Unproven:
        return False
    return True


@given(SIZES, st.data())
def test_a_path_proves_one_leaf_at_one_place_of_one_tree(size, data):
    entries, read = LEAVES[:size], reading(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_proof(index, size, read), root_hash(size, read)
    claim = {"index": index, "size": size, "leaf": leaf_hash(entries[index]), "path": path, "root": root}

    for other in range(MOST):
        assert is_included(**claim | {"index": other}) == (other == index)
    assert not is_included(**claim | {"leaf": leaf_hash(b"other")})
    assert not is_included(**claim | {"root": EMPTY_ROOT})
    assert not is_included(**claim | {"path": [*path, EMPTY_ROOT]})
    assert not is_included(**claim | {"index": -1})
    for at, each in enumerate(path):
        changed = bytes([each[0] ^ 1]) + each[1:]
        assert not is_included(**claim | {"path": [*path[:at], changed, *path[at + 1 :]]})
        assert not is_included(**claim | {"path": [*path[:at], *path[at + 1 :]]})


@given(SIZES, st.data())
def test_a_consistency_proof_proves_one_growth(size, data):
    entries, read = LEAVES[:size], reading(LEAVES[:size])
    old = data.draw(st.integers(1, size))
    growth, root, before = consistency_proof(old, size, read), root_hash(size, read), naive.mth(entries[:old])
    claim = {"old": old, "old_root": before, "new": size, "new_root": root, "proof": growth}

    assert not is_consistent(**claim | {"old_root": leaf_hash(b"fork")})
    assert not is_consistent(**claim | {"new_root": leaf_hash(b"fork")})
    assert not is_consistent(**claim | {"proof": [*growth, EMPTY_ROOT]})
    assert not is_consistent(**claim | {"old": size + 1})
    assert not is_consistent(**claim | {"old": -1})
    for at, each in enumerate(growth):
        changed = bytes([each[0] ^ 1]) + each[1:]
        assert not is_consistent(**claim | {"proof": [*growth[:at], changed, *growth[at + 1 :]]})
        assert not is_consistent(**claim | {"proof": [*growth[:at], *growth[at + 1 :]]})


def test_a_byte_moved_from_one_hash_to_its_neighbour_is_refused():
    """Both would hash to the same node, so the lengths are checked."""
    read = reading(ENTRIES)
    first, second, *rest = consistency_proof(3, 7, read)
    before, root = naive.mth(ENTRIES[:3]), naive.mth(ENTRIES[:7])
    moved = [first[1:], second + first[:1], *rest]
    assert not is_consistent(old=3, old_root=before, new=7, new_root=root, proof=moved)
    path = [hash_ + b"\0" for hash_ in inclusion_proof(2, 7, read)]
    assert not is_included(index=2, size=7, leaf=leaf_hash(ENTRIES[2]), path=path, root=root)


def test_every_tree_begins_with_the_empty_one_and_with_itself():
    check_consistency(old=0, old_root=EMPTY_ROOT, new=5, new_root=b"5" * 32, proof=[])
    check_consistency(old=5, old_root=b"5" * 32, new=5, new_root=b"5" * 32, proof=[])
    assert not is_consistent(old=0, old_root=b"5" * 32, new=5, new_root=b"5" * 32, proof=[])
    assert not is_consistent(old=0, old_root=EMPTY_ROOT, new=0, new_root=b"5" * 32, proof=[])
    assert not is_consistent(old=5, old_root=b"5" * 32, new=5, new_root=b"6" * 32, proof=[])
    assert not is_consistent(old=0, old_root=EMPTY_ROOT, new=5, new_root=b"5" * 32, proof=[EMPTY_ROOT])


def test_there_is_no_proof_outside_the_tree():
    read = reading(ENTRIES)
    for index, size in ((-1, 8), (8, 8), (0, 0)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(index, size, read)
    for old, new in ((-1, 8), (8, 7)):
        with pytest.raises(ValueError, match="can't begin"):
            consistency_proof(old, new, read)


@given(st.integers(0, 2**63), st.integers(0, 2**63), st.lists(st.binary(max_size=33), max_size=64))
def test_nonsense_proves_nothing(first, second, hashes):
    assert not is_included(index=first, size=second, leaf=b"0" * 32, path=hashes, root=b"1" * 32)
    assert first in {0, second} or not is_consistent(
        old=first, old_root=b"0" * 32, new=second, new_root=b"1" * 32, proof=hashes
    )


def test_a_chain_of_consistency_proofs_is_a_history():
    read = reading(LEAVES)
    for old, new in pairwise(range(1, MOST)):
        check_consistency(
            old=old,
            old_root=naive.mth(LEAVES[:old]),
            new=new,
            new_root=naive.mth(LEAVES[:new]),
            proof=consistency_proof(old, new, read),
        )
