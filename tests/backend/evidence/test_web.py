"""The log as anybody fetches it, and the page that checks proofs."""

import gzip
from pathlib import Path

import pytest
from sqlalchemy import event

from backend.core.db import db
from backend.evidence import publishing
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import check_inclusion, inclusion_proof, leaf_hash
from backend.evidence.note import Note
from backend.evidence.policy import Policy
from backend.evidence.tiles import Tile, decode_bundle, reader
from tests.factories.evidence import make_log

pytestmark = pytest.mark.usefixtures("log")

VERIFY = Path("backend/evidence/static/verify")


def test_a_client_of_the_specifications_follows_the_log(client):
    make_log(300)
    policy = Policy.parse(client.get("/verify/policy").text)
    answer = client.get("/log/checkpoint")
    tree = policy.check(Note.parse(answer.text)).checkpoint

    def fetch(tile: Tile) -> bytes:
        return client.get(f"/log/{tile.path}").data

    entry = decode_bundle(fetch(Tile(None, 1, 44)))[20]
    path = inclusion_proof(276, tree.size, reader(tree.size, fetch))

    assert tree.size == 300
    check_inclusion(index=276, size=300, leaf=leaf_hash(entry), path=path, root=tree.root)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=2"
    assert Checkpoint.parse(Note.parse(client.get("/log/witnessed").text).text) == tree


def test_tiles_may_be_kept_for_ever_and_read_from_any_site(client):
    make_log(300)
    for path in ("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"):
        answer = client.get(f"/log/{path}")
        assert answer.status_code == 200, path
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_partial_tile_is_the_beginning_of_the_full_one_that_took_its_place(client):
    make_log(200)
    before = {path: client.get(f"/log/{path}").data for path in ("tile/0/000.p/200", "tile/entries/000.p/200")}
    make_log(100)
    for path in before:
        publishing.log_store().remove(path)

    assert {path: client.get(f"/log/{path}").data for path in before} == before


def test_what_is_not_there_yet_is_not_to_be_kept(client):
    assert client.get("/log/checkpoint").status_code == 404
    make_log(3)
    for path in ("tile/0/000", "tile/0/000.p/4", "tile/1/000.p/1", "tile/0/001.p/1"):
        answer = client.get(f"/log/{path}")
        assert answer.status_code == 404, path
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "0/0",
        "0/0000",
        "00/000",
        "64/000",
        "0/x000/001",
        "0/001/000",
        "0/x001",
        "0/000.p/0",
        "0/000.p/03",
        "0/000.p/256",
        "0/000.p",
        "0/000.p/3/",
        "-1/000",
        "entries/000.p/3.p/3",
        "0/../../checkpoint",
        "0/%2e%2e/%2e%2e/checkpoint",
        "0/..%2f..%2fcheckpoint",
        "0/٠٠٠",
        "hashes/000",
    ],
)
def test_only_addresses_of_the_specification_are_there(client, path):
    make_log(3)

    assert client.get(f"/log/tile/{path}").status_code == 404


def test_bundles_are_packed_for_who_asks(client):
    make_log(256)
    plain = client.get("/log/tile/entries/000")
    packed = client.get("/log/tile/entries/000", headers={"Accept-Encoding": "gzip, identity"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_the_log_is_read_without_the_database(client):
    make_log(3)
    said = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    for path in ("checkpoint", "witnessed", "tile/0/000.p/3", "tile/0/000", "tile/entries/000.p/3"):
        client.get(f"/log/{path}")
    for path in ("", "policy", "verify.js"):
        client.get(f"/verify/{path}").close()

    assert said == []


def test_the_page_needs_nothing_but_its_own_folder(client):
    page = client.get("/verify/")
    page.close()

    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert client.get("/verify").headers["Location"].endswith("/verify/")
    for file in VERIFY.iterdir():
        text = file.read_text("utf-8")
        answer = client.get(f"/verify/{file.name}")
        answer.close()
        assert answer.status_code == 200
        for mark in ('="/', 'from "/', 'fetch("/', '="http', 'from "http', 'fetch("http'):
            assert mark not in text.replace('xmlns="http', ""), f"{mark} in {file.name}"
    assert client.get("/verify/../verify/../../rules.py").status_code == 404
