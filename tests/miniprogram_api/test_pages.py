"""The worker's client as files: whole, strict, small; and the shell around it."""

import gzip
import json
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest

from miniprogram_api.pages import STATIC

SHELL = STATIC.parents[1] / "shell"
IMPORTED = re.compile(r"""(?:from\s+|import\s+|import\()["']([^"']+)["']""")


@pytest.fixture
def listing(client):
    return client.get("/w/files.json").json


def modules() -> list[Path]:
    return sorted(STATIC.rglob("*.js"))


def test_the_page_asks_for_nothing_that_its_policy_forbids(client):
    answer = client.get("/w/")
    page = answer.get_data(as_text=True)
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", page)
    assert not re.search(r"(?:src|href)=\"(?!/|tel:)", page)


def test_every_file_that_is_kept_is_there(client, listing):
    for name in listing["files"]:
        assert client.get(name).status_code == 200, name


def test_every_module_that_is_imported_is_kept_for_offline(listing):
    kept = {*listing["files"], *listing["later"]}
    for module in modules():
        base = "/w/" + module.relative_to(STATIC).as_posix()
        wanted = {urljoin(base, name) for name in IMPORTED.findall(module.read_text())}
        types = {name for name in wanted if name.endswith("/types.js")}
        assert wanted - types <= kept, base


def test_a_file_that_is_known_already_is_not_sent_again(client):
    first = client.get("/w/app.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/w/app.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_files_go_packed_to_who_can_unpack(client):
    packed = client.get("/w/worker.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == (STATIC / "worker.css").read_bytes()
    assert "Content-Encoding" not in client.get("/w/worker.css").headers


def test_all_of_it_together_is_under_150_kb_at_the_first_visit(client, listing):
    sizes = {name: len(client.get(name, headers={"Accept-Encoding": "gzip"}).data) for name in listing["files"]}
    assert sum(sizes.values()) < 150_000, sizes


def test_what_comes_after_it_is_kept_too_and_small(client, listing):
    assert not set(listing["later"]) & set(listing["files"])
    sizes = {name: client.get(name, headers={"Accept-Encoding": "gzip"}) for name in listing["later"]}
    assert {answer.status_code for answer in sizes.values()} == {200}
    assert sum(len(answer.data) for answer in sizes.values()) < 30_000


@pytest.mark.parametrize(
    "name",
    ["x.js", "types.d.ts", "../__init__.py", "%2e%2e/__init__.py", "core", "pages/", "worker.html"],
)
def test_nothing_else_is_served(client, name):
    assert client.get(f"/w/{name}").status_code == 404


def test_the_manifest_names_icons_that_exist(client):
    manifest = client.get("/w/worker.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    icons = [icon["src"] for icon in json.loads(manifest.data)["icons"]]
    assert icons
    assert all(client.get(icon).status_code == 200 for icon in icons)


def test_the_version_is_the_content(client, listing):
    assert client.get("/w/files.json").json["version"] == listing["version"]
    assert re.fullmatch(r"[0-9a-f]{16}", listing["version"])


def test_only_one_module_talks_to_the_server_and_only_to_the_api():
    speaking = {m.name for m in modules() if re.search(r"\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket", m.read_text())}
    assert speaking == {"http.js", "service_worker.js"}
    assert 'const BASE = "/api/v1"' in (STATIC / "core" / "http.js").read_text()


def test_no_text_becomes_markup():
    for module in modules():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", module.read_text()), (
            module
        )


def test_every_page_of_the_shell_is_complete():
    pages = json.loads((SHELL / "app.json").read_text())["pages"]
    assert {"pages/index/index", "pages/web/web"} <= set(pages)
    for page in pages:
        assert all((SHELL / f"{page}.{kind}").is_file() for kind in ("js", "json", "wxml")), page


def test_the_shell_opens_native_pages_that_exist():
    pages = json.loads((SHELL / "app.json").read_text())["pages"]
    named = re.search(r'@param \{("scan".*?)\} page', (STATIC / "core" / "shell.js").read_text())
    assert named
    assert all(f"pages/{name}/{name}" in pages for name in re.findall(r'"(\w+)"', named[1]))


def test_the_shell_asks_for_privacy_before_position():
    app = json.loads((SHELL / "app.json").read_text())
    assert app["__usePrivacyCheck__"] is True
    assert app["requiredPrivateInfos"] == ["getLocation"]
    assert "requirePrivacyAuthorize" in (SHELL / "pages/position/position.js").read_text()
