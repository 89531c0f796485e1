"""Finds the documents of the documentation and their sections: in the installed package, or in the checkout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE: Final = Path(__file__).parent.parent
_FOLDERS: Final = (_PACKAGE / "documents", _PACKAGE.parent / "docs")
"""Where the documents lie: in an installed package, and in a checkout."""
_INDEX: Final = "index.md"
_HEADING: Final = re.compile(r"(#{1,6}) (.+)")
_FENCE: Final = re.compile(r"```|~~~")
_GROUP: Final = re.compile(r"^## (.+)$")
_ROW: Final = re.compile(r"^\| \[[^\]]*\]\((?P<path>[\w/-]+)\.md\) \| (?P<says>.*) \|$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic of ``backlinkbot help``: a document."""

    name: str
    """Its file's name without the ending."""
    group: str
    """The heading of the index below which it stands: Tutorial, Reference."""
    says: str
    """The question that it answers, by the index."""
    path: Path

    def text(self) -> str:
        """Returns the document, Markdown."""
        return self.path.read_text(encoding="utf-8")


def topics() -> dict[str, Topic]:
    """Returns the documents by name, in the order of the index; none where the package was installed without them."""
    folder = next((folder for folder in _FOLDERS if (folder / _INDEX).is_file()), None)
    return {topic.name: topic for topic in _listed(folder)} if folder is not None else {}


def _listed(folder: Path) -> Iterator[Topic]:
    group = ""
    for line in (folder / _INDEX).read_text(encoding="utf-8").splitlines():
        if heading := _GROUP.match(line):
            group = heading[1]
        elif row := _ROW.match(line):
            path = folder / f"{row['path']}.md"
            if path.is_file():
                yield Topic(name=path.stem, group=group, says=row["says"], path=path)


def slug(heading: str) -> str:
    """Returns the anchor of a heading: "Every option" is ``every-option``, as in links to it."""
    return re.sub(r"[^\w-]+", "-", heading.lower()).strip("-")


def sections(text: str) -> dict[str, str]:
    """Returns the sections of a document below its title: anchor -> text, down to the next heading of that level or above."""
    found: dict[str, list[str]] = {}
    open_: dict[int, list[str]] = {}
    is_code = False
    for line in text.splitlines():
        if _FENCE.match(line.lstrip()):
            is_code = not is_code
        heading = None if is_code else _HEADING.fullmatch(line)
        if heading:
            level = len(heading[1])
            open_ = {one: lines for one, lines in open_.items() if one < level}
            if level > 1:
                open_[level] = found.setdefault(slug(heading[2]), [])
        for lines in open_.values():
            lines.append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}
