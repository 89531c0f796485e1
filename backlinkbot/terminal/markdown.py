"""Prints Markdown documents: styled on a terminal, as plain text in a pipe."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING, Final

from backlinkbot.terminal.cells import DEFAULT_WIDTH, READABLE_WIDTH, terminal_width
from backlinkbot.terminal.pager import print_lines
from backlinkbot.terminal.styles import Painter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def print_document(text: str) -> None:
    """Prints a document: in the pager on a terminal, as plain text of 80 columns elsewhere."""
    is_terminal = sys.stdout.isatty()
    width = min(terminal_width(sys.stdout), READABLE_WIDTH) if is_terminal else DEFAULT_WIDTH
    lines = rendered(text, width=width, is_styled=Painter.of(sys.stdout).is_on)
    print_lines(lines)


def rendered(text: str, *, width: int, is_styled: bool) -> list[str]:
    """Returns a document as lines, without the directives of the documentation site and the addresses of its other pages."""
    from rich.console import Console  # noqa: PLC0415 - imported when a document is printed
    from rich.markdown import Markdown  # noqa: PLC0415 - as above
    from rich.theme import Theme  # noqa: PLC0415 - as above

    document = Markdown(_without_wide_tables(text, width), code_theme="ansi_dark", hyperlinks=False, justify="left")
    document.parsed = list(_readable(document.parsed))
    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=is_styled,
        color_system="standard" if is_styled else None,
        legacy_windows=False,
        theme=Theme({"markdown.code": "cyan", "markdown.code_block": "none"}),  # no backgrounds
        _environ={},
    )
    console.print(document)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def _readable(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        is_directive = token.type == "fence" and token.info.startswith("{")
        if is_directive or (token.type == "html_block" and token.content.startswith("<!--")):
            continue
        if token.children:
            token.children = list(_without_local_links(token.children))
        yield token


def _without_local_links(tokens: list[Token]) -> Iterator[Token]:
    """Yields inline tokens without links to other pages of the documentation, whose addresses say nothing on a terminal."""
    is_local = False
    for token in tokens:
        if token.type == "link_open":
            is_local = not _ADDRESS.match(str(token.attrGet("href") or ""))
        if not (is_local and token.type in {"link_open", "link_close"}):
            yield token
        if token.type == "link_close":
            is_local = False


_FENCE: Final = re.compile(r"\s*(```|~~~)")
_BORDER: Final = re.compile(r"(?<!\\)\|")
_DASHES: Final = re.compile(r"\|[-:| ]+\|")
_LINKS_AND_CODE: Final = re.compile(r"\[([^]]*)\]\((?!https?:)[^)]*\)|`")


def _without_wide_tables(text: str, width: int) -> str:
    """Returns the document with a list in place of each table whose words do not fit side by side."""
    kept: list[str] = []
    table: list[str] = []
    is_code = False
    for line in (*text.splitlines(), ""):
        if _FENCE.match(line):
            is_code = not is_code
        if not is_code and line.startswith("|"):
            table.append(line)
            continue
        kept += _fitting(table, width)
        table = []
        kept.append(line)
    return "\n".join(kept)


def _fitting(table: list[str], width: int) -> list[str]:
    """Returns a table as it is, if it fits, else as a list: an item for each row, its other cells below the first."""
    rows = [[cell.strip() for cell in _BORDER.split(line)[1:-1]] for line in table if not _DASHES.fullmatch(line)]
    if not rows:
        return table
    if _fits(list(zip(*rows, strict=False)), width - 3 * len(rows[0]) - 1):
        return table
    names, *others = rows
    lines = []
    for first, *rest in others:
        lines.append(f"* {first}\n")
        said = (f"{name}: {cell}" if name else cell for name, cell in zip(names[1:], rest, strict=False) if cell)
        lines.append("  " + "\\\n  ".join(said) + "\n")
    return ["", *lines, ""]


def _fits(columns: list[tuple[str, ...]], room: int) -> bool:
    """True if no word is cut when the widest columns are narrowed until all fit into so many cells, as rich does."""
    cells = [[_LINKS_AND_CODE.sub(r"\1", cell) for cell in column] for column in columns]
    natural = [max(map(len, column)) for column in cells]
    words = [max((len(word) for cell in column for word in cell.split()), default=0) for column in cells]
    level = max(natural)
    while sum(min(one, level) for one in natural) > room and level:
        level -= 1
    return max(words) <= level
