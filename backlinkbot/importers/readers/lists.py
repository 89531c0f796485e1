"""Reads lists with one entry per line: plain lists, disavow files, CDX, Common Crawl's graphs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.importers.formats.catalogue import BY_NAME
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult, Skip
from backlinkbot.importers.readers.texts import CutLine, Lines
from backlinkbot.importers.values import domain, place, plain
from backlinkbot.items import Candidate, Claim
from backlinkbot.text.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from backlinkbot.importers.formats.formats import Format

_CDX_HEADER: Final = re.compile(r"\s?CDX( [A-Za-z])+\s*$")
_CDX: Final = re.compile(r"\S+\)\S* \d{4,14} (?:\S+:|\{)\S*")
# The fields that `fl=` selected: time and URL at least, in any order.
_CDX_PART: Final = re.compile(r"(?=(?:\S+ )*\d{14}(?: |$))(?:\S+ )*\S+://\S*(?: \S+)*$")
_VERTEX: Final = re.compile(r"\d+\t[a-z0-9-]+(?:\.[a-z0-9_-]+)*(?:\t\d+)?\s*$")
_EDGE: Final = re.compile(r"\d+\t\d+\s*$")
_HAS_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_PROBED: Final = re.compile(r"https?://\S+(?: \[[^\[\]]*\])+$")
_LINES: Final = (("cc-edges", _EDGE), ("cc-vertices", _VERTEX), ("httpx-list", _PROBED))
_DISAVOWS: Final = "domain:"


def recognise(lines: Sequence[str]) -> Format | None:
    """Recognises disavow files, CDX and graphs by their lines; returns None for a plain list."""
    full = [line.strip() for line in lines if line.strip()]
    if not full:
        return None
    if _CDX_HEADER.match(full[0]) or all(map(_CDX.match, full)) or all(map(_CDX_PART.match, full)):
        return BY_NAME["cdx"]
    for entry, pattern in _LINES:
        if all(pattern.match(_COLOURS.sub("", line)) for line in full):
            return BY_NAME[entry]
    said = [line for line in full if not line.startswith("#")]
    if any(line.lower().startswith(_DISAVOWS) for line in said) and all(map(_is_disavowal, said)):
        return BY_NAME["disavow"]
    return None


def _is_disavowal(line: str) -> bool:
    """True for a line of a disavow file, also a mistaken one."""
    return line.lower().startswith(_DISAVOWS) or len(re.split(r"[\t;|]", line)) == 1


def is_list(lines: Sequence[str]) -> bool:
    """True if the first line that is not blank or a comment is a URL or domain, or half of the lines are."""
    said = [text for line in lines if (text := line.strip()) and not text.startswith("#")]
    if not said or _HAS_SCHEME.match(said[0]):
        return True
    found = [not isinstance(_listed(text), Fault) for text in said]
    return found[0] or 2 * sum(found) >= len(found)


class LineReader:
    """Reads the lines of one list."""

    def __init__(self, entry: Format, *, file: str) -> None:
        self._format = entry
        self._file = file
        self._at = -1  # the URL's field, if a header declares it
        self._place: Callable[[str], tuple[str, bool] | Fault | Skip] = {
            "disavow": _disavowed,
            "cdx": self._captured,
            "cc-vertices": _vertex,
            "httpx-list": _probed,
        }.get(entry.name, _listed)

    def read(self, lines: Lines) -> Iterator[RowResult]:
        """Yields the result of each line; comments and blank lines are skipped."""
        for number, line in enumerate(lines, start=1):
            text = line.strip()
            if not text or text[0] == "#":
                continue
            if isinstance(line, CutLine):
                yield BadRow(file=self._file, row=number, reason=Fault.TOO_LONG, text=text[:200])
            elif self._format.name == "cdx" and _CDX_HEADER.match(line):
                letters = line.split()[1:]
                self._at = letters.index("a") if "a" in letters else self._at
            else:
                yield self._format.skip or self.read_text(number, text)

    def read_text(self, number: int, text: str) -> RowResult:
        """Returns the result of one line's text."""
        found = self._place(text)
        if isinstance(found, Skip):
            return found
        if isinstance(found, Fault):
            return BadRow(file=self._file, row=number, reason=found, text=text[:200])
        url, is_domain = found
        claim = Claim(origin=self._format.origin, file=self._file, row=number, confidence=self._format.confidence)
        return Candidate(url=url, claims=(claim,), is_domain=is_domain)

    def _captured(self, text: str) -> tuple[str, bool] | Fault | Skip:
        """Returns the URL of a capture, unless it is known not to be a page."""
        record = text.split(" ", 2)[-1]
        if record.startswith("{"):
            try:
                fields = loads(record)
            except ValueError:
                return Fault.NOT_JSON
            url = str(fields.get("url", "")) if isinstance(fields, dict) else ""
        else:
            cells = text.split(" ")
            found = cells[self._at : self._at + 1] if self._at >= 0 else [cell for cell in cells if ":" in cell[1:]]
            url = next(iter(found), "")
        if not url:
            return Fault.NOT_OF_THE_FORMAT
        return place(url) if url.lower().startswith(("http://", "https://")) else Skip.NOT_A_PAGE


def _listed(text: str) -> tuple[str, bool] | Fault:
    return place(plain(text.strip('"')))


def _disavowed(text: str) -> tuple[str, bool] | Fault:
    if not text.lower().startswith(_DISAVOWS):
        return place(text)
    host = domain(text[len(_DISAVOWS) :].strip())
    return host if isinstance(host, Fault) else (host, True)


def _probed(text: str) -> tuple[str, bool] | Fault:
    return place(_COLOURS.sub("", text).partition(" ")[0])


def _vertex(text: str) -> tuple[str, bool] | Fault:
    """Returns the host of a vertex, whose labels are in reverse order."""
    cells = text.split("\t")
    name = ".".join(reversed(cells[1].split("."))) if len(cells) > 1 else ""
    parsed = urls.parse(f"https://{name}") if name else None
    return (name, True) if parsed is not None else Fault.NOT_OF_THE_FORMAT
