import gzip
import json
import mimetypes

import pytest
from flask.testing import FlaskClient

from backend.core import assets
from backend.core.requests import Application

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("name", [*assets.FILES, "icons/house.svg"])
def test_a_named_file_has_an_address_that_never_goes_stale(client: FlaskClient, name: str) -> None:
    address = assets.asset_url(name)

    answer = client.get(address)

    assert "@" in address.removeprefix("/assets/@tabler")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == mimetypes.guess_type(name)[0]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.data) > 100


def test_a_file_is_sent_packed_to_those_who_take_it(client: FlaskClient) -> None:
    plain = client.get(assets.asset_url("tabler.css"))
    packed = client.get(assets.asset_url("tabler.css"), headers={"Accept-Encoding": "br, gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert len(packed.data) < 90_000


def test_modules_import_by_an_address_without_version_and_ask_each_time_whether_it_changed(client: FlaskClient) -> None:
    first = client.get("/assets/qr/decode.js")
    second = client.get("/assets/qr/decode.js", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, no-cache"
    assert (second.status_code, second.data) == (304, b"")
    assert b"from './index.js'" in first.data
    assert client.get("/assets/qr/index.js").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "qr@0.0.1/index.js",
        "qr/package.json",
        "qr/../qr/package.json",
        "../package.json",
        "..%2fpackage.json",
        "%2e%2e/package.json",
        "qr/decode.js/../../../pyproject.toml",
        "qr//index.js",
        "/etc/passwd",
        "@tabler/core@/dist/css/tabler.min.css",
        "bootstrap-icons/icons/../package.json",
        "bootstrap-icons/icons/no-such-icon.svg",
        "qr@%0a0.7.0/index.js",
        "typescript/package.json",
        "",
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/assets/{path}").status_code in {404, 308}


def test_templates_draw_icons_that_screen_readers_skip_or_name(app: Application) -> None:
    template = app.jinja_env.from_string(
        '{{ icon("house") }}{{ icon("qr-code-scan", "<扫码>") }}{{ asset_url("qr.js") }}'
    )

    page = template.render()

    assert page.count("<svg") == page.count("</svg>") == 2
    assert 'aria-hidden="true"' in page
    assert 'aria-label="&lt;扫码&gt;"' in page
    assert "<path" in page
    assert page.endswith("/index.js")


@pytest.mark.parametrize("name", ["../package", "no-such.css", "icons/../x.svg"])
def test_a_misspelt_name_is_found_when_the_page_is_written(name: str) -> None:
    with pytest.raises(KeyError):
        assets.asset_url(name)
    with pytest.raises(KeyError):
        assets.icon(name)


def test_every_listed_package_is_locked_without_a_registrys_address() -> None:
    lock = json.loads((assets.NODE_MODULES.parent / "package-lock.json").read_bytes())

    for path in assets.FILES.values():
        package, _ = assets._split(path)
        assert lock["packages"][f"node_modules/{package}"]["version"] == assets._version(package)
    assert "resolved" not in json.dumps(lock)
