"""Finds the files of a release of Common Crawl's web graph: by its name, in a folder, or beside a file.

https://commoncrawl.org/web-graphs describes the files. A release covers three months.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from backlinkbot.commoncrawl.line_blocks import is_remote
from backlinkbot.errors import UsageError

SERVER: Final = "https://data.commoncrawl.org"
LATEST: Final = "cc-main-2026-apr-may-jun"
"""The latest release that is known here; https://index.commoncrawl.org/graphinfo.json lists all."""
GIGABYTES: Final = {"vertices": 0.84, "edges": 13.3, "ranks": 2.2}
"""The sizes of the files of a release, gzipped: https://commoncrawl.github.io/cc-webgraph-statistics/."""

_MONTHS: Final = tuple(name.lower() for name in calendar.month_abbr)
_MONTH: Final = "|".join(_MONTHS[1:])
_RELEASE: Final = re.compile(rf"cc-main-(\d{{4}})(?:-(\d\d))?((?:-(?:{_MONTH}))+)", re.IGNORECASE)
_FILE: Final = re.compile(r"(?P<start>.*?)(?P<part>vertices|edges|ranks)\.txt(?P<packed>\.gz)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphFiles:
    """The files of one release."""

    name: str
    """The release's name, where its files have one; else that of the folder or file."""
    vertices: tuple[str, ...]
    edges: tuple[str, ...]
    ranks: str = ""
    """Empty if there is none."""

    @property
    def period(self) -> tuple[str, str]:
        """Returns the first and the last day of the months that the release covers, ISO 8601; empty if its name has none."""
        return period_of(self.name)


def period_of(release: str) -> tuple[str, str]:
    """Returns the first and the last day of a release's months: ``cc-main-2025-26-nov-dec-jan`` ends on 2026-01-31."""
    match = _RELEASE.search(release)
    if match is None:
        return "", ""
    months = [_MONTHS.index(name) for name in match[3].lower().strip("-").split("-") if name in _MONTHS]
    if not months:
        return "", ""
    first = int(match[1])
    last = first // 100 * 100 + int(match[2]) if match[2] else first
    return f"{first}-{months[0]:02}-01", f"{last}-{months[-1]:02}-{calendar.monthrange(last, months[-1])[1]}"


def find_graph(name: str) -> GraphFiles:
    """Returns the files that the user's word for a graph means.

    Args:
        name: a release (``cc-main-2026-apr-may-jun``), a folder, or the path or URL of one of its files; the others lie
            beside it.

    Raises:
        UsageError: there is no such graph.
    """
    if _RELEASE.fullmatch(name) and not Path(name).exists():
        release = name.lower()
        return _beside(f"{SERVER}/projects/hyperlinkgraph/{release}/domain/{release}-domain-vertices.txt.gz")
    if _FILE.match(name):
        return _beside(name)
    if is_remote(name):
        raise UsageError(f"--graph {name}: name one of its files: …-vertices.txt.gz, …-edges.txt.gz")
    if not Path(name).is_dir():
        raise UsageError(f"--graph {name}: no such file or folder, and no release such as {LATEST}")
    return _in_folder(Path(name))


def _beside(name: str) -> GraphFiles:
    match = _FILE.match(name)
    if match is None:
        raise UsageError(f"--graph {name}: the file's name must end in vertices.txt or edges.txt, perhaps with .gz")
    start, packed = match["start"], match["packed"] or ""
    files = {part: f"{start}{part}.txt{packed}" for part in GIGABYTES}
    if not is_remote(name):
        missing = [file for part, file in files.items() if part != "ranks" and not Path(file).is_file()]
        if missing:
            raise UsageError(f"--graph {name}: there is no {missing[0]}")
    has_ranks = is_remote(name) or Path(files["ranks"]).is_file()
    return GraphFiles(
        name=_named(name),
        vertices=(files["vertices"],),
        edges=(files["edges"],),
        ranks=files["ranks"] if has_ranks else "",
    )


def _in_folder(folder: Path) -> GraphFiles:
    parts: dict[str, list[str]] = {part: [] for part in GIGABYTES}
    for file in sorted(folder.rglob("*.txt*")):
        match = _FILE.match(file.name)
        inside = file.parent.name.lower()  # the parts of a host graph: vertices/part-00000.txt.gz
        part = match["part"].lower() if match is not None else inside if inside in parts else ""
        if part and file.is_file():
            parts[part].append(str(file))
    for part in ("vertices", "edges"):
        if not parts[part]:
            raise UsageError(f"--graph {folder}: no file in this folder ends in {part}.txt or {part}.txt.gz")
    releases = {_named(file) for file in parts["vertices"]}
    if len(releases) > 1:
        raise UsageError(
            f"--graph {folder}: several graphs are in this folder; name a file of one: {parts['edges'][0]}"
        )
    ranks = parts["ranks"][0] if parts["ranks"] else ""
    return GraphFiles(
        name=_named(parts["vertices"][0]), vertices=tuple(parts["vertices"]), edges=tuple(parts["edges"]), ranks=ranks
    )


def _named(file: str) -> str:
    path = urlsplit(file).path if is_remote(file) else file
    match = _RELEASE.search(Path(path).name) or _RELEASE.search(path)
    return match[0].lower() if match is not None else Path(path).parent.name or Path(path).name


def cost() -> str:
    """Says what reading the latest release from its server takes."""
    whole = GIGABYTES["vertices"] * 2 + GIGABYTES["edges"] + GIGABYTES["ranks"]
    return (
        f"{LATEST} from its server is {whole:.0f} GB to download, nothing of which is kept: "
        f"{whole * 8000 / 100 / 60:.0f} minutes at 100 Mbit/s, 5 to 10 minutes of one core"
    )
