"""Tables of rows for people, on standard output: on a terminal they fit its width, elsewhere every value is whole.

On a terminal, URLs are shown as people read them (Unicode, without passwords), times to the minute, and columns without any value
are named below the table.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.terminal.cells import cells, padded, shorten, shorten_url, terminal_width, without_scheme
from backlinkbot.terminal.pager import print_lines
from backlinkbot.terminal.styles import Painter
from backlinkbot.text.terminal_escaping import replaced
from backlinkbot.urls import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_GAP: Final = "  "
_LEAST: Final = 8
"""The least width of a column whose values are longer."""
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ")
_SHOWN_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\dZ")
_TIME_CELLS: Final = 17


@dataclass(frozen=True, slots=True)
class _Layout:
    names: tuple[str, ...]
    widths: tuple[int, ...]
    are_urls: tuple[bool, ...]
    left_out: tuple[str, ...] = ()
    """Columns for which there is no room."""

    def line(self, texts: Iterable[str]) -> str:
        shown = (
            shorten_url(without_scheme(text), width) if is_url else shorten(text, width)
            for text, width, is_url in zip(texts, self.widths, self.are_urls, strict=False)
        )
        return _GAP.join(map(padded, shown, self.widths)).rstrip()


def print_rows(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    is_wide: bool = False,
    most: int | None = None,
    total: int | None = None,
    is_paged: bool = False,
    way_out: str = "--format csv has them, --columns chooses",
) -> None:
    """Prints rows as a table; untrusted text is never interpreted as markup or terminal codes.

    Args:
        rows: mappings of columns to values.
        columns: the columns to print, in order.
        is_wide: values are whole on a terminal, too, and lines as long as they must be.
        most: of the rows, so many are printed; the rest is counted in a line below.
        total: the number of all rows, if it is known already.
        is_paged: a table that is longer than the terminal is shown by the user's pager.
        way_out: how to see the columns for which a terminal has no room.
    """
    shown = list(islice(iterator := iter(rows), most))
    rest = (total - len(shown)) if total is not None else sum(1 for _ in iterator)
    is_terminal = sys.stdout.isatty()
    painter = Painter.of(sys.stdout)
    lines = _lines(
        shown, columns, terminal_width(sys.stdout) if is_terminal and not is_wide else None, painter, way_out
    )
    if rest:
        lines = [*lines, painter.paint(f"{len(shown):,} of {len(shown) + rest:,} rows; --all shows every one", "dim")]
    print_lines(lines, is_paged=is_paged)


def _lines(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], width: int | None, painter: Painter, way_out: str
) -> Iterator[str] | list[str]:
    if not rows:
        return ["no rows"]
    table = [[_printable(row.get(name)) for name in columns] for row in rows]
    names = [replaced(name) for name in columns]
    return _whole(table, names, painter) if width is None else _fitted(table, names, width, painter, way_out)


def _whole(table: list[list[str]], names: Sequence[str], painter: Painter) -> Iterator[str]:
    columns = zip(names, *table, strict=True)
    layout = _Layout(tuple(names), tuple(max(map(cells, column)) for column in columns), (False,) * len(names))
    yield painter.paint(layout.line(layout.names), "bold")
    yield from map(layout.line, table)


def _fitted(table: list[list[str]], names: Sequence[str], width: int, painter: Painter, way_out: str) -> Iterator[str]:
    columns = {name: list(map(_shown, texts)) for name, *texts in zip(names, *table, strict=True)}
    filled = {name: texts for name, texts in columns.items() if any(texts)} or columns
    layout = _layout(filled, width)
    yield painter.paint(layout.line(layout.names), "bold")
    yield from map(layout.line, zip(*filled.values(), strict=True))
    notes = []
    if layout.left_out:
        notes.append(f"no room for {', '.join(layout.left_out)}; {way_out}")
    if len(filled) < len(columns):
        notes.append(f"nothing in {', '.join(name for name in columns if name not in filled)}")
    yield from (painter.paint(shorten(note, width), "dim") for note in notes)


def _layout(columns: Mapping[str, Sequence[str]], width: int) -> _Layout:
    """Returns the widths of the columns: those of their longest values where these fit, else the longest ones less."""
    names = tuple(columns)
    are_urls = tuple(any(text.startswith(("https://", "http://")) for text in texts) for texts in columns.values())
    natural = [
        max(cells(without_scheme(text) if is_url else text) for text in (name, *texts))
        for (name, texts), is_url in zip(columns.items(), are_urls, strict=True)
    ]
    least = [
        min(one, _TIME_CELLS if _is_time(texts) else _LEAST)
        for one, texts in zip(natural, columns.values(), strict=True)
    ]
    kept = len(names)
    while kept > 1 and sum(least[:kept]) + len(_GAP) * (kept - 1) > width:
        kept -= 1
    widths = _shared(natural[:kept], least[:kept], are_urls[:kept], width - len(_GAP) * (kept - 1))
    return _Layout(names[:kept], widths, are_urls[:kept], names[kept:])


def _shared(natural: Sequence[int], least: Sequence[int], are_urls: Sequence[bool], width: int) -> tuple[int, ...]:
    """Returns widths whose sum is at most the width: short columns as they are, the rest shared, twice as much for URLs.

    No column gets less than its least width, unless the least widths are too much together.
    """
    if sum(least) > width:
        least = [1] * len(natural)
    level = float(max(natural, default=0))
    weights = [1.0 if is_url else 0.5 for is_url in are_urls]
    widths = list(natural)
    while sum(widths) > width and level > 1:
        level -= 1
        widths = [
            min(one, max(int(level * weight), low)) for one, low, weight in zip(natural, least, weights, strict=True)
        ]
    spare = width - sum(widths)
    for number, one in enumerate(natural):
        more = max(min(one - widths[number], spare), 0)
        widths[number] += more
        spare -= more
    return tuple(widths)


def _shown(text: str) -> str:
    """Returns a value as a terminal shows it: a URL as people read it, a time to the minute."""
    if text.startswith(("https://", "http://")):
        return replaced(readable(text))
    time = _TIME.fullmatch(text)
    return f"{time[1]} {time[2]}Z" if time else text


def _is_time(texts: Sequence[str]) -> bool:
    return any(_SHOWN_TIME.fullmatch(text) for text in texts)


def _printable(value: Any) -> str:
    if value is None:
        return ""
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return replaced(text)
