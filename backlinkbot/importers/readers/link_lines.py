"""Reads the text output of link checkers: a line that names a page, then a line for each of its links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backlinkbot.importers.columns import SHOWN, RowReader
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult
from backlinkbot.importers.readers.texts import CutLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COLUMNS: Final = ("page", "link")
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLines:
    """The lines of one tool."""

    page: re.Pattern[str]
    link: re.Pattern[str]
    other: re.Pattern[str]
    """Lines that are no rows."""


TOOLS: Final = {
    "muffet-text": LinkLines(
        page=re.compile(r"(https?://\S+)$"),
        link=re.compile(r"\t[^\t]+\t(\S+)$"),
        other=re.compile(r"(?!)"),
    ),
    "broken-link-checker": LinkLines(
        page=re.compile(r"Getting links from: (\S+)$"),
        link=re.compile("[├└]─+[A-Z]+─+ (\\S+)(?: \\([^)]*\\))?$"),
        other=re.compile(r"(?:Finished!|Elapsed time:|Links? found|\S+ is an invalid)"),
    ),
}


def recognise(lines: Sequence[str]) -> str:
    """Returns the format of such lines: each is a page, a link or a summary, and a page is before the first link."""
    said = [text for line in lines if (text := _plain(line)).strip()]
    for name, tool in TOOLS.items():
        kinds = ["page" if tool.page.match(line) else "link" if tool.link.match(line) else "" for line in said]
        is_known = all(kind or tool.other.match(line) for kind, line in zip(kinds, said, strict=True))
        if is_known and "link" in kinds and kinds[0] == "page":
            return name
    return ""


def _plain(line: str) -> str:
    return _COLOURS.sub("", line).rstrip()


def read(lines: Iterable[str], reader: RowReader, name: str) -> Iterator[RowResult]:
    """Yields the result of each line that names a link."""
    tool = TOOLS[reader.format.name]
    page = ""
    for number, line in enumerate(lines, start=1):
        text = _plain(line)
        if found := tool.page.match(text):
            page = found[1]
        elif found := tool.link.match(text):
            yield reader.read(number, [page, found[1]])
        elif text.strip() and not tool.other.match(text):
            reason = Fault.TOO_LONG if isinstance(line, CutLine) else Fault.NOT_OF_THE_FORMAT
            yield BadRow(file=name, row=number, reason=reason, text=text.strip()[:SHOWN])
