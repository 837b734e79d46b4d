"""Files of pages: the right type, kept for ever under their version, and nothing but what was read at the start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.channels.web.assets import CHANNELS_DIR, Assets
from tests.bot.fakes import FakeKey
from tests.bot.http_site import Site, assert_problem


def test_a_file_is_kept_for_ever_under_its_version_and_asked_again_under_another(site: Site) -> None:
    lasting = site.client.get(Assets.of_channels().url("web/chat.js"))
    other = site.client.get("/static/v-0000/web/chat.js")

    assert lasting.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert other.headers["cache-control"] == "no-cache"
    assert lasting.headers["content-type"] == "text/javascript; charset=utf-8"
    assert lasting.text == other.text == (CHANNELS_DIR / "web" / "static" / "chat.js").read_text("utf-8")
    unchanged = site.client.get(
        "/static/v-0000/web/chat.js", headers={"If-None-Match": f'W/{other.headers["etag"]}, "x"'}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_file_is_sent_packed_to_those_who_take_it(site: Site) -> None:
    url = Assets.of_channels().url("web/base.css")
    packed = site.client.get(url, headers={"Accept-Encoding": "gzip"})
    plain = site.client.get(url, headers={"Accept-Encoding": "gzip;q=0, identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


@pytest.mark.parametrize(
    "path",
    [
        "x/web/nothing.js",
        "x/web/../chat.js",
        "x/../../wire.py",
        "x/%2e%2e/http_api.py",
        "web/chat.js",
        "",
        "x/web/",
    ],
)
def test_no_name_leads_out_of_the_files(site: Site, path: str) -> None:
    assert_problem(site.client.get(f"/static/v-{path}"), 404, "not_found")


def test_files_need_no_key(site: Site) -> None:
    site.keys.keys["secret"] = FakeKey("1", ("ask",))
    assert site.client.get(Assets.of_channels().url("web/seal.svg")).status_code == 200


def test_the_version_is_that_of_all_files() -> None:
    one, other = Assets({"web/a.js": b"1"}), Assets({"web/a.js": b"1", "web/b.js": b"2"})
    assert one.version != other.version
    assert one.version == Assets({"web/a.js": b"1"}).version
    with pytest.raises(KeyError):
        one.url("web/b.js")


def test_files_of_any_channel_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "console" / "static" / "vendor"
    folder.mkdir(parents=True)
    (folder / "chart.js").write_bytes(b"1")
    assert Assets.of_channels(tmp_path).url("console/vendor/chart.js").endswith("/console/vendor/chart.js")


def test_everything_a_script_or_style_loads_is_a_file_of_ours() -> None:
    assets = Assets.of_channels()
    for path in sorted((CHANNELS_DIR / "web" / "static").iterdir()):
        text = path.read_text("utf-8")
        for target in re.findall(r"""(?:from|import)\s+["']([^"']+)["']""", text):
            assert assets.url(f"web/{target.removeprefix('./')}")
        assert re.findall(r"url\(|@import|https?://(?!www\.w3\.org/)", text) == []
