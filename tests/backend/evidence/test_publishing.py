import shutil

import pytest

from backend.evidence import publishing, queries
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import root_hash
from tests.factories.evidence import make_log

pytestmark = pytest.mark.usefixtures("log", "nothing_kept")


@pytest.fixture
def nothing_kept():
    publishing.kept_subtrees.cache_clear()


def test_what_is_kept_of_the_tree_is_what_is_published():
    for count in (1, 255, 1, 300):
        make_log(count)
        tree = Checkpoint.parse(publishing.published(publishing.CHECKPOINT).text)
        assert root_hash(tree.size, publishing.read_tree(tree.size)) == tree.root


def test_tiles_that_many_proofs_share_are_read_once(monkeypatch: pytest.MonkeyPatch):
    made = make_log(600)
    note = publishing.published(publishing.CHECKPOINT)
    fetched, fetch = [], publishing.fetch
    monkeypatch.setattr(publishing, "fetch", lambda tile: fetched.append(tile) or fetch(tile))

    for index in range(0, 256, 50):
        queries.prove(index, note)

    assert [tile.path for tile in fetched].count("tile/0/000") == 6
    assert [tile.path for tile in fetched].count("tile/0/002.p/88") == 1
    assert [tile.path for tile in fetched].count("tile/1/000.p/2") == 1
    assert len(made) == 600


def test_what_is_kept_of_a_log_that_stood_there_before_misleads_nobody(tmp_path):
    ours, other = make_log(300), tmp_path / "other"
    proof = queries.get_proof(ours[7])
    folder = publishing.log_store().local_path("tile")
    shutil.move(folder, other)
    shutil.copytree(other, folder)
    # Another log of the same size stood in this place, and what it shares with ours is kept.
    publishing.kept_subtrees.cache_clear()
    for tile in ("0/001.p/44", "1/000.p/1"):
        path = publishing.log_store().local_path(f"tile/{tile}")
        with open(path, "r+b") as file:  # noqa: PTH123 - a store's path
            file.write(bytes(32))
    queries.prove(7, proof.checkpoint)
    shutil.rmtree(folder)
    shutil.move(other, folder)

    assert queries.get_proof(ours[7]) == proof
    assert proof.check(publishing.policy()).witnessed
