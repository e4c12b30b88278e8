"""The page's third-party files: fetched once, checked against their published hashes, kept in the user's cache.

Nothing of them is committed. ``assets.toml`` pins each package by version and integrity hash, and each file
by its own. They come, by plain HTTPS, as packages from the npm registry that the machine is set up for
(``npm_config_registry``, .npmrc, or what an installed npm says); on a machine that knows none, file by file
from the place where Solara itself would look. They are served at /vendor/<name>@<version>/<file>.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import Any

from abm.machine import disk
from abm.machine.errors import InputError

MANIFEST = Path(__file__).with_name("assets.toml")
TIMEOUT = 30.0
CHUNK = 256 * 1024
COMPRESSED = (".js", ".mjs", ".css")
"""Files of which a gzipped twin is kept, so that serving them costs nothing."""
WAYS_OUT = (
    "connect once and start again (what has arrived is kept), or run `abm assets --pack FILE` where there is a "
    "network and `abm assets --from FILE` here"
)


@dataclass(frozen=True)
class Package:
    """One package of the manifest."""

    name: str
    version: str
    licence: str
    integrity: str
    bytes: int
    files: dict[str, str]
    """Files that are kept, with their hashes."""

    @property
    def label(self) -> str:
        """name@version, as in addresses."""
        return f"{self.name}@{self.version}"

    @property
    def tarball(self) -> str:
        """File name of the package as it was published."""
        return f"{self.name.rpartition('/')[2]}-{self.version}.tgz"

    @property
    def home(self) -> Path:
        """Folder of its files."""
        return root() / self.label


@cache
def packages() -> tuple[Package, ...]:
    entries: list[dict[str, Any]] = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["packages"]
    return tuple(Package(**entry) for entry in entries)


def root() -> Path:
    """Folder of the assets: in ``ABM_CACHE_DIR``, else in the user's cache."""
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return Path(os.environ.get("ABM_CACHE_DIR") or user / "abm") / "assets"


def missing() -> list[Package]:
    """Packages that are not there in the version and with the hash that the manifest names."""
    return [package for package in packages() if not _is_there(package)]


def fetch(*, is_quiet: bool = False) -> list[Package]:
    """Get what is missing; returns what was got. InputError if it cannot be had."""
    wanted = missing()
    address = registry() if wanted else ""
    for package in wanted:
        if address:
            tarball = root() / "partial" / package.tarball
            _download(f"{address}{package.name}/-/{package.tarball}", tarball, package.bytes, package.label, is_quiet)
            _accept(tarball, package.integrity, package.tarball)
            with tarfile.open(tarball) as archive:
                _settle(package, _members(archive, strip=1))
            disk.discard(tarball)
        else:
            _settle(package, _files(package, is_quiet))
    return wanted


def pack(file: Path) -> None:
    """Write all files into one for a machine without network."""
    fetch()
    with tarfile.open(file, "w") as archive:
        for package in packages():
            for path in package.files:
                archive.add(package.home / path, arcname=f"{package.label}/{path}")


def unpack_all(file: Path) -> None:
    """Take all files from one that ``pack`` wrote. InputError for one that is not whole."""
    if not file.is_file():
        raise InputError(str(file), why="is not a file", mend="write one with `abm assets --pack FILE`")
    try:
        for package in packages():
            with tarfile.open(file) as archive:
                _settle(package, _members(archive, strip=len(PurePosixPath(package.label).parts), under=package.label))
    except tarfile.TarError as error:
        why = f"cannot be read ({error})"
        raise InputError(str(file), why=why, mend="write it again with `abm assets --pack FILE`") from None


def _members(archive: tarfile.TarFile, strip: int, under: str = "") -> Iterator[tuple[str, bytes]]:
    """Path and content of each file of an archive below ``under``, without the first ``strip`` parts of its path."""
    for member in archive:
        source = archive.extractfile(member) if member.isfile() and member.name.startswith(under) else None
        if source is not None:
            yield "/".join(PurePosixPath(member.name).parts[strip:]), source.read()


def _files(package: Package, is_quiet: bool) -> Iterator[tuple[str, bytes]]:
    """The files of a package, one by one, from where Solara would look for them; those that arrived are kept."""
    address = solara_address()
    for path, integrity in package.files.items():
        target = root() / "partial" / package.label / path
        if not _matches(target, integrity):
            _download(f"{address}{package.label}/{path}", target, None, f"{package.name}: {path}", is_quiet)
            _accept(target, integrity, path)
        yield path, target.read_bytes()
    disk.discard(root() / "partial" / package.label)


def _settle(package: Package, found: Iterator[tuple[str, bytes]]) -> None:
    """Put the files that are kept of a package into place, all at once. InputError if one is missing or another."""
    left = dict(package.files)
    try:
        package.home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=package.home.parent, ignore_cleanup_errors=True) as folder:
            fresh = Path(folder) / "fresh"
            for path, content in found:
                if path in left:
                    _write(fresh / path, content)
                    _accept(fresh / path, left.pop(path), path)
            if left:
                raise InputError(next(iter(left)), place=package.label, why="is missing", mend=WAYS_OUT)
            (fresh / ".integrity").write_text(package.integrity, encoding="utf-8")
            disk.take_place(fresh, package.home)
    except OSError as error:
        raise _unwritable(error) from error


def _unwritable(error: OSError) -> InputError:
    return disk.unwritable(f"{root()}", error, "name another folder in the environment variable ABM_CACHE_DIR")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if path.suffix in COMPRESSED:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 6, mtime=0))


def _is_there(package: Package) -> bool:
    mark = package.home / ".integrity"
    return (
        mark.is_file()
        and mark.read_text(encoding="utf-8") == package.integrity
        and all((package.home / path).is_file() for path in package.files)
    )


def _matches(path: Path, integrity: str) -> bool:
    if not path.is_file():
        return False
    kind, _, expected = integrity.partition("-")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, kind).digest()
    return base64.b64encode(digest).decode() == expected


def _accept(path: Path, integrity: str, label: str) -> None:
    """InputError, and no file, if it is not what the manifest names."""
    if not _matches(path, integrity):
        disk.discard(path)
        why = "does not match its published hash"
        raise InputError(label, why=why, mend="it was damaged or changed on its way: start again")


def registry() -> str:
    """Address of the npm registry that this machine is set up for, ending in a slash; empty if it knows none."""
    found = next((value for key, value in os.environ.items() if key.lower() == "npm_config_registry" and value), "")
    user = Path(os.environ.get("NPM_CONFIG_USERCONFIG") or Path("~/.npmrc").expanduser())
    for path in (Path(".npmrc"), user):
        if not found and path.is_file():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "registry" and value.strip():
                    found = value.strip().strip("\"'")
    npm = shutil.which("npm")
    if not found and npm:
        found = _said([npm, "config", "get", "registry"])
    return found.rstrip("/") + "/" if found.startswith("http") else ""


def solara_address() -> str:
    """Where Solara looks for its files unless told otherwise; asked in a process of its own, as it reads that once."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SOLARA_")}
    found = _said([sys.executable, "-c", "import solara.settings as s; print(s.assets.cdn)"], environment)
    return found.rstrip("/") + "/"


def _said(command: list[str], environment: dict[str, str] | None = None) -> str:
    """First line that a command prints, empty if it fails."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=True, env=environment)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip().partition("\n")[0]


def _download(address: str, target: Path, size: int | None, label: str, is_quiet: bool) -> None:
    """Get one file, going on where an earlier attempt stopped."""
    from tqdm import tqdm

    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    done = partial.stat().st_size if partial.is_file() and size is not None else 0
    if size is not None and done >= size:
        done = 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            is_continued = answer.status == 206
            bar = tqdm(
                total=size, initial=done if is_continued else 0, unit="B", unit_scale=True,
                desc=label, disable=is_quiet, file=sys.stderr, leave=True,
            )  # fmt: skip
            with bar, partial.open("ab" if is_continued else "wb") as out:
                while chunk := answer.read(CHUNK):
                    out.write(chunk)
                    bar.update(len(chunk))
    except (OSError, ValueError, HTTPException) as error:
        raise InputError(label, why=f"could not be fetched from {address} ({error})", mend=WAYS_OUT) from None
    try:
        disk.replace(partial, target)
    except OSError as error:
        raise _unwritable(error) from error
