"""The page's third-party files: fetched once, checked against their published hashes, kept in the user's cache.

Nothing of them is committed. ``assets.toml`` pins each package by version and integrity hash; the packages
come from the npm registry that the machine is set up for (``npm_config_registry``, or ``registry`` in
.npmrc), by plain HTTPS and without npm. They are served at /vendor/<name>@<version>/<file>, and as ES
modules at the short addresses of ``modules`` (/vendor/uplot, /vendor/echarts).
"""

from __future__ import annotations

import base64
import fnmatch
import gzip
import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
import tomllib
import urllib.request
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import Any

from abm.errors import InputError

MANIFEST = Path(__file__).with_name("assets.toml")
PUBLIC_REGISTRY = "https://registry.npmjs.org/"
"""Where npm itself looks when a machine says nothing else."""
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
    files: tuple[str, ...]
    modules: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def label(self) -> str:
        """name@version, as in addresses."""
        return f"{self.name}@{self.version}"

    @property
    def tarball(self) -> str:
        """File name of the package as it was published."""
        return f"{self.name.rpartition('/')[2]}-{self.version}.tgz"


@cache
def packages() -> tuple[Package, ...]:
    """All packages of the manifest."""
    table = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = table["packages"]
    return tuple(Package(files=tuple(entry.pop("files")), **entry) for entry in entries)


def root() -> Path:
    """Folder of the assets: in ``ABM_CACHE_DIR``, else in the user's cache."""
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return Path(os.environ.get("ABM_CACHE_DIR") or user / "abm") / "assets"


def missing() -> list[Package]:
    """Packages that are not there in the version and with the hash that the manifest names."""
    return [package for package in packages() if not _is_there(package)]


def modules() -> dict[str, Path]:
    """Short address -> file."""
    return {short: root() / p.label / path for p in packages() for short, path in p.modules.items()}


def fetch(*, is_quiet: bool = False) -> list[Package]:
    """Get what is missing from the registry; returns what was got. InputError if it cannot be had."""
    wanted = missing()
    for package in wanted:
        target = root() / "packages" / package.tarball
        if not _matches(target, package.integrity):
            _download(package, target, is_quiet=is_quiet)
        unpack(package, target)
    return wanted


def pack(file: Path) -> None:
    """Write all packages, as published, into one file for a machine without network."""
    fetch()
    with tarfile.open(file, "w") as archive:
        for package in packages():
            source = root() / "packages" / package.tarball
            if not _matches(source, package.integrity):
                _download(package, source, is_quiet=False)
            archive.add(source, arcname=package.tarball)


def unpack_all(file: Path) -> None:
    """Take all packages from a file that ``pack`` wrote. InputError for one that is not whole."""
    if not file.is_file():
        raise InputError(str(file), why="is not a file", mend="write one with `abm assets --pack FILE`")
    try:
        with tarfile.open(file) as archive:
            for package in packages():
                _take(archive, package, file.name)
    except tarfile.TarError as error:
        why = f"cannot be read ({error})"
        raise InputError(str(file), why=why, mend="write it again with `abm assets --pack FILE`") from None


def _take(archive: tarfile.TarFile, package: Package, where: str) -> None:
    try:
        content = archive.extractfile(package.tarball)
    except KeyError:
        content = None
    if content is None:
        raise InputError(package.tarball, place=where, why="is missing", mend="pack it again with this version of abm")
    target = root() / "packages" / package.tarball
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    with partial.open("wb") as out:
        shutil.copyfileobj(content, out)
    _accept(partial, target, package)
    unpack(package, target)


def unpack(package: Package, tarball: Path) -> None:
    """Put the files that are kept of a checked package into place, all at once."""
    home = root() / package.label
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        fresh = Path(folder) / "fresh"
        with tarfile.open(tarball) as archive:
            for member in archive:
                path = PurePosixPath(member.name).relative_to(PurePosixPath(member.name).parts[0])
                source = archive.extractfile(member) if member.isfile() and ".." not in path.parts else None
                if source is not None and any(fnmatch.fnmatch(str(path), pattern) for pattern in package.files):
                    _write(fresh / path, source.read())
        (fresh / ".integrity").write_text(package.integrity, encoding="utf-8")
        if home.exists():
            home.rename(Path(folder) / "old")
        fresh.rename(home)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if path.suffix in COMPRESSED:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 6, mtime=0))


def _is_there(package: Package) -> bool:
    mark = root() / package.label / ".integrity"
    return mark.is_file() and mark.read_text(encoding="utf-8") == package.integrity


def _matches(path: Path, integrity: str) -> bool:
    if not path.is_file():
        return False
    kind, _, expected = integrity.partition("-")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, kind).digest()
    return base64.b64encode(digest).decode() == expected


def _accept(partial: Path, target: Path, package: Package) -> None:
    """Move a file into place if it is what the manifest names; InputError and no file if not."""
    if not _matches(partial, package.integrity):
        partial.unlink()
        why = "does not match its published hash"
        raise InputError(package.tarball, why=why, mend="it was damaged or changed on its way: start again")
    partial.replace(target)


def registry() -> str:
    """Address of the npm registry that this machine is set up for, ending in a slash."""
    found = next((value for key, value in os.environ.items() if key.lower() == "npm_config_registry" and value), "")
    user = Path(os.environ.get("NPM_CONFIG_USERCONFIG") or Path("~/.npmrc").expanduser())
    for path in (Path(".npmrc"), user):
        if not found and path.is_file():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "registry" and value.strip():
                    found = value.strip().strip("\"'")
    return (found or PUBLIC_REGISTRY).rstrip("/") + "/"


def _download(package: Package, target: Path, *, is_quiet: bool) -> None:
    """Get one package, going on where an earlier attempt stopped."""
    from tqdm import tqdm

    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    done = partial.stat().st_size if partial.is_file() else 0
    if done >= package.bytes:
        partial.unlink()
        done = 0
    address = f"{registry()}{package.name}/-/{package.tarball}"
    request = urllib.request.Request(address, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            is_continued = answer.status == 206
            bar = tqdm(
                total=package.bytes, initial=done if is_continued else 0, unit="B", unit_scale=True,
                desc=package.label, disable=is_quiet, file=sys.stderr, leave=True,
            )  # fmt: skip
            with bar, partial.open("ab" if is_continued else "wb") as out:
                while chunk := answer.read(CHUNK):
                    out.write(chunk)
                    bar.update(len(chunk))
    except (OSError, HTTPException) as error:
        why = f"could not be fetched from {registry()} ({error})"
        raise InputError(package.label, why=why, mend=WAYS_OUT) from None
    _accept(partial, target, package)
