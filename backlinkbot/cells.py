"""What strangers wrote, as a cell that no spreadsheet runs, and back again; and as one harmless line."""

from __future__ import annotations

from typing import Final

# A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection"; the last four are the full-width forms).
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
GUARD: Final = "'"


def guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet might run, and before an apostrophe; :func:`unguard` undoes it."""
    return GUARD + text if text.startswith((*FORMULA_STARTS, GUARD)) else text


def unguard(cell: str) -> str:
    """The text that was guarded: one apostrophe less, if it begins with one."""
    return cell.removeprefix(GUARD)


def one_line(text: str, longest: int = 120) -> str:
    """The text as one line of what can be seen: no line break, control character or sign that turns the text's direction.

    What is longer than ``longest`` characters is cut, and ends in an ellipsis.
    """
    start = text[: longest * 8]
    line = " ".join((start if start.isprintable() else _visible(start)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "\u2026"


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
