"""Where the published vectors and the real pages are: archives beside the project, unpacked once into a cache.

The archives are looked for in ``../shared/data`` (beside the project's folder), or under the folder that the
environment variable ``BACKLINKBOT_SHARED`` names. They are never part of the project; without them these tests skip.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def shared_folder() -> Path:
    return Path(os.environ.get("BACKLINKBOT_SHARED") or PROJECT.parent / "shared")


@cache
def unpacked(name: str) -> Path:
    """The folder in which the archive ``name`` lies unpacked; skips the test where there is no such archive."""
    archive = shared_folder() / "data" / f"{name}.tar.xz"
    if not archive.is_file():
        pytest.skip(f"no shared data: {archive} is not there (BACKLINKBOT_SHARED names another folder)")
    status = archive.stat()
    digest = hashlib.sha256(f"{name} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"backlinkbot-shared-data-{digest}"
    with Path(f"{folder}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of one run want the same archive at the same moment
        if not folder.is_dir():
            scratch = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
            try:
                with tarfile.open(archive, "r:xz") as tar:
                    tar.extractall(scratch, filter="data")
                scratch.rename(folder)
            except BaseException:
                shutil.rmtree(scratch, ignore_errors=True)
                raise
    return folder / name


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A line of an ``index.tsv``."""

    corpus: str
    path: str
    url: str
    """Where the page was found; a made-up place where the index does not say."""
    charset: str
    file: Path


NOT_ON_PAGE = "https://unknown.example/folder/page.html"


def saved_pages(corpus: str) -> list[SavedPage]:
    """Every HTML page of ``pages`` or ``little-web``, in the order of its index."""
    folder = unpacked(corpus)
    found = []
    for line in (folder / "index.tsv").read_text(encoding="utf-8").splitlines():
        url, path, kind, charset = line.split("\t")
        if kind == "text/html":
            found.append(SavedPage(corpus, path, url or NOT_ON_PAGE, charset, folder / path))
    return found
