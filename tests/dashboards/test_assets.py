"""Assets: fetched once, checked, resumed, carried in a file; nothing that does not match is kept."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from abm.machine.errors import InputError
from dashboards.serve import assets
from dashboards.serve.assets import Package
from dashboards.serve.vendor import Vendor
from tests.dashboards.asking import ask

FILES = {"package/dist/a.js": b"export default 1;" * 2000, "package/dist/b.txt": b"not wanted"}


def tarball() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def pinned(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


CONTENT = tarball()


class Registry(BaseHTTPRequestHandler):
    asked: list[tuple[str, str | None]]
    content = CONTENT

    def do_GET(self) -> None:
        part = self.headers.get("Range")
        type(self).asked.append((self.path, part))
        start = int(part.removeprefix("bytes=").rstrip("-")) if part else 0
        self.send_response(206 if part else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        self.wfile.write(self.content[start:])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Registry]]:
    Registry.asked, Registry.content = [], CONTENT
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    integrity = pinned(CONTENT)
    kept = {"dist/a.js": pinned(FILES["package/dist/a.js"])}
    package = Package("@who/thing", "1.2.3", "MIT", integrity, len(CONTENT), kept)
    monkeypatch.setattr(assets, "packages", lambda: (package,))
    monkeypatch.setenv("ABM_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("HTTP_PROXY", "http_proxy", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}")
    yield Registry
    server.shutdown()
    server.server_close()


def test_they_are_fetched_once(registry: type[Registry]) -> None:
    assert [package.label for package in assets.fetch(is_quiet=True)] == ["@who/thing@1.2.3"]
    assert registry.asked == [("/@who/thing/-/thing-1.2.3.tgz", None)]
    assert assets.fetch(is_quiet=True) == []
    assert len(registry.asked) == 1
    kept = {path.name for path in (assets.root() / "@who/thing@1.2.3/dist").iterdir()}
    assert kept == {"a.js", "a.js.gz"}


def test_an_interrupted_fetch_goes_on_where_it_stopped(registry: type[Registry]) -> None:
    partial = assets.root() / "partial" / "thing-1.2.3.tgz.part"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT[:60])
    assets.fetch(is_quiet=True)
    assert registry.asked == [("/@who/thing/-/thing-1.2.3.tgz", "bytes=60-")]
    assert not assets.missing()


def test_what_does_not_match_its_hash_is_refused_and_not_kept(registry: type[Registry]) -> None:
    registry.content = CONTENT[:-1] + b"x"
    with pytest.raises(InputError, match="does not match its published hash"):
        assets.fetch(is_quiet=True)
    assert assets.missing()
    assert not list((assets.root() / "partial").iterdir())


def test_without_a_registry_each_file_comes_alone(
    registry: type[Registry], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = assets.registry()
    monkeypatch.setattr(assets, "registry", lambda: "")
    monkeypatch.setattr(assets, "solara_address", lambda: place)
    registry.content = FILES["package/dist/a.js"]
    assets.fetch(is_quiet=True)
    assert registry.asked == [("/@who/thing@1.2.3/dist/a.js", None)]
    assert not assets.missing()
    monkeypatch.setenv("ABM_CACHE_DIR", str(tmp_path / "another"))
    registry.content = b"something else"
    with pytest.raises(InputError, match="does not match its published hash"):
        assets.fetch(is_quiet=True)
    assert assets.missing()


def test_solara_says_where_it_would_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLARA_ASSETS_CDN", "/vendor")
    assert re.fullmatch(r"https://\S+/", assets.solara_address())


def test_without_a_network_it_says_what_to_do(registry: type[Registry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    with pytest.raises(InputError, match=r"abm assets --pack FILE.*abm assets --from FILE"):
        assets.fetch(is_quiet=True)


def test_a_packed_file_carries_them(registry: type[Registry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assets.pack(tmp_path / "all.tar")
    asked = len(registry.asked)
    monkeypatch.setenv("ABM_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert assets.missing()
    assets.unpack_all(tmp_path / "all.tar")
    assert not assets.missing()
    assert len(registry.asked) == asked


def test_a_file_that_is_no_pack_says_so(registry: type[Registry], tmp_path: Path) -> None:
    (tmp_path / "odd.tar").write_bytes(b"odd")
    with pytest.raises(InputError, match="cannot be read"):
        assets.unpack_all(tmp_path / "odd.tar")
    with tarfile.open(tmp_path / "empty.tar", "w"):
        pass
    with pytest.raises(InputError, match="is missing"):
        assets.unpack_all(tmp_path / "empty.tar")


def test_vendor_serves_them_and_nothing_else(registry: type[Registry]) -> None:
    assets.fetch(is_quiet=True)
    (assets.root() / "secret.txt").write_text("secret")
    vendor = Vendor()
    assert ask(vendor, "/vendor/@who/thing@1.2.3/dist/a.js").body == FILES["package/dist/a.js"]
    zipped = ask(vendor, "/vendor/@who/thing@1.2.3/dist/a.js", headers={"accept-encoding": "gzip"})
    assert zipped.headers["content-type"].startswith("text/javascript")
    assert zipped.headers["content-encoding"] == "gzip"
    for path in ("secret.txt", "../secret.txt", "@who/thing@1.2.3/../../secret.txt", "partial/thing-1.2.3.tgz",
                 "none", "/etc/passwd", ""):  # fmt: skip
        assert ask(vendor, f"/vendor/{path}").status == 404


def test_the_registry_of_npm_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    own = tmp_path / "npmrc"
    own.write_text("fund=false\nregistry=https://packages.school.example/npm\n")
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(own))
    monkeypatch.chdir(tmp_path)
    assert assets.registry() == "https://packages.school.example/npm/"
    own.write_text("fund=false\n")
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert assets.registry() == ""


def test_every_package_of_the_manifest_is_pinned() -> None:
    for package in assets.packages():
        for integrity in (package.integrity, *package.files.values()):
            kind, _, digest = integrity.partition("-")
            assert kind == "sha512"
            assert len(base64.b64decode(digest)) == 64
        assert package.licence in ("MIT", "Apache-2.0")
