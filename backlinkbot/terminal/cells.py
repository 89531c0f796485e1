"""Measures text in terminal cells, and shortens text and URLs to a number of cells.

Wide characters, such as Chinese ones, take two cells and combining characters none (UAX #11). Functions that return text for
a cell replace control characters and invisible ones, so that the width is known and no escape sequence gets through.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TextIO

from backlinkbot.text.terminal_escaping import replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

ELLIPSIS: Final = "…"
DEFAULT_WIDTH: Final = 80
"""The width where a terminal does not tell its own."""
READABLE_WIDTH: Final = 100
"""Cells of the longest line of prose; longer lines are hard to read."""
_HALF: Final = 0.5


def terminal_width(stream: TextIO) -> int:
    """Returns the columns of the stream's terminal: the variable ``COLUMNS``, else what the terminal says, else 80."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and 0 < int(told) < 10_000:  # a terminal's width is 16 bits; more is a mistake
        return int(told)
    try:
        return os.get_terminal_size(stream.fileno()).columns or DEFAULT_WIDTH
    except (OSError, ValueError):
        return DEFAULT_WIDTH


def cells(text: str) -> int:
    """Returns the number of cells that the text takes."""
    from rich.cells import cell_len  # noqa: PLC0415 - most runs have no terminal, and rich is slow to import

    return cell_len(text)


def _cut(text: str, width: int) -> str:
    """Returns the first characters that fit into so many cells."""
    from rich.cells import set_cell_size  # noqa: PLC0415 - as above

    return set_cell_size(text, width).rstrip()


def shorten(text: str, width: int) -> str:
    """Returns the text in at most so many cells; an ellipsis ends it if something is left out."""
    clean = replaced(text)
    if cells(clean) <= width:
        return clean
    return f"{_cut(clean, width - 1)}{ELLIPSIS}" if width > 0 else ""


def broken(text: str, width: int) -> Iterator[str]:
    """Yields the text in parts of at most so many cells; a character that is wider is a part of its own."""
    part = ""
    for character in replaced(text):
        if part and cells(part + character) > width:
            yield part
            part = ""
        part += character
    if part:
        yield part


def shorten_middle(text: str, width: int) -> str:
    """Returns the text in at most so many cells, without characters of its middle if it is longer."""
    clean = replaced(text)
    if cells(clean) <= width:
        return clean
    if width <= 1:
        return ELLIPSIS[:width]
    end = (width - 1) // 2
    return f"{_cut(clean, width - 1 - end)}{ELLIPSIS}{_last(clean, end)}"


def shorten_url(url: str, width: int) -> str:
    """Returns a URL in at most so many cells: whole, else without its scheme, else without the middle of its path, too.

    The host stays whole as long as it takes at most half of the cells: it says whose page it is. Of a longer one the beginning
    is shown, and the last segment of the path if it takes at most half.
    """
    clean = replaced(url)
    if cells(clean) <= width:
        return clean
    bare = without_scheme(clean).removeprefix("http://")
    if cells(bare) <= width:
        return bare
    host, slash, path = bare.partition("/")
    last = f"/{path.rstrip('/').rpartition('/')[2]}{'/' if path.endswith('/') else ''}"
    if slash and cells(host) <= width * _HALF:
        left = width - cells(host) - 2  # the slash and the ellipsis
        return f"{host}/{ELLIPSIS}{last if cells(last) <= left else _last(path, left)}"
    if slash and 1 < cells(last) <= width * _HALF:
        return f"{_cut(host, width - cells(last) - 1)}{ELLIPSIS}{last}"
    return shorten_middle(bare, width)


def without_scheme(url: str) -> str:
    """Returns the URL without ``https://``; ``http://`` stays, because it says something."""
    return url.removeprefix("https://")


def padded(text: str, width: int) -> str:
    """Returns the text followed by spaces, in exactly so many cells; it must not be longer."""
    return text + " " * (width - cells(text))


def _last(text: str, width: int) -> str:
    """Returns the last characters that fit into so many cells."""
    end = text[-width:] if width > 0 else ""
    while cells(end) > width:
        end = end[1:]
    return end
