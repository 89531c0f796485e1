"""Reads the links of LinkChecker's graphs in the Graph Modelling Language (GML): edges between numbered pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.importers.columns import SHOWN, RowReader
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COLUMNS: Final = ("source", "target", "label")
_BEGIN: Final = re.compile(r"\s*(node|edge)\s*\[\s*$")
_FIELD: Final = re.compile(r'\s*(id|label|url|source|target)\s+(?:"(.*)"|(\S+))\s*$')
_END: Final = re.compile(r"\s*\]\s*$")


def is_graph(lines: Iterable[str]) -> bool:
    """True if the lines begin a graph with pages: after comments, ``graph [`` and a node with a URL."""
    said = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith(("#", "comment "))]
    return bool(said) and said[0].startswith("graph [") and any(re.match(r'url\s+"', line) for line in said)


def read(lines: Iterable[str], reader: RowReader, name: str) -> Iterator[RowResult]:
    """Yields the result of each edge; nodes are no rows. The URLs of all nodes are in memory."""
    pages: dict[str, str] = {}
    kind, fields, begin = "", dict[str, str](), 0
    number = 0
    for number, line in enumerate(lines, start=1):
        if found := _BEGIN.match(line):
            kind, fields, begin = found[1], {}, number
        elif kind and (field := _FIELD.match(line)):
            fields[field[1]] = field[2] if field[2] is not None else field[3]
        elif kind and _END.match(line):
            if kind == "node":
                pages[fields.get("id", "")] = fields.get("url", "")
            else:
                yield _edge(fields, pages, reader, begin, name)
            kind = ""
    if kind:
        yield BadRow(file=name, row=begin, reason=Fault.BROKEN)


def _edge(fields: dict[str, str], pages: dict[str, str], reader: RowReader, number: int, name: str) -> RowResult:
    ends = [pages.get(fields.get(end, "")) for end in ("source", "target")]
    if None in ends:
        text = " ".join(f"{key} {value}" for key, value in fields.items())
        return BadRow(file=name, row=number, reason=Fault.NOT_OF_THE_FORMAT, text=text[:SHOWN])
    return reader.read(number, [*(end or "" for end in ends), fields.get("label", "")])
