"""Escapes untrusted text against CSV injection, and undoes the escape; cleans text to a single line.

The separator that a spreadsheet assumes is not ours to choose: where decimal fractions have commas it is a semicolon, and
then quotation marks in the middle of a line protect nothing. So a cell may begin wherever a text has a possible separator.
"""

from __future__ import annotations

import csv
import re
from typing import Final

# OWASP, "CSV Injection": https://owasp.org/www-community/attacks/CSV_Injection. Then what Unicode calls compatible with
# the four signs (NFKC: full-width, small, raised and lowered forms), and the minus sign.
SIGNS: Final = (
    "=+-@"
    "\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207a\u207b\u207c\u208a\u208b\u208c\ufb29\u2212"
)  # fmt: skip
FORMULA_STARTS: Final = (*SIGNS, "\t", "\r", "\n")
"""A cell that begins so is a formula to a spreadsheet, or may become one."""
SEPARATORS: Final = ";|\t\r\n"
"""Where a spreadsheet may begin a cell within a text. Not the comma: text with a comma stands in quotation marks."""
GUARD: Final = "'"
LONGEST_CELL: Final = 64 * 1024 * 1024
"""Characters. The csv module stops at 131,072 of its own; an address in a page may be longer, and is written whole."""

# What spreadsheets may trim or not show before a sign: white space, quotation marks, control characters, and what Unicode
# calls default-ignorable (DerivedCoreProperties.txt). Separators are not among them: a cell begins behind each.
_IGNORED: Final = (
    r"[ \"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]*+"
)
_SIGN: Final = f"[{re.escape(SIGNS)}]"
_AT_START: Final = re.compile(rf"['\t\r\n]|{_IGNORED}{_SIGN}")
_INSIDE: Final = re.compile(rf"([{SEPARATORS}])(?='*+{_IGNORED}{_SIGN})")
_GUARDED_INSIDE: Final = re.compile(rf"([{SEPARATORS}])'(?='*+{_IGNORED}{_SIGN})")


def guard(text: str) -> str:
    """Adds an apostrophe wherever a spreadsheet might read a formula; :func:`unguard` undoes it.

    That is at the start, where there is an apostrophe already too, and behind separators within the text.
    """
    if _INSIDE.search(text):
        text = _INSIDE.sub(rf"\1{GUARD}", text)
    first = text[:1]
    if first.isascii() and first.isalnum():  # nearly every cell
        return text
    return GUARD + text if _AT_START.match(text) else text


def unguard(cell: str) -> str:
    """Removes the apostrophes that :func:`guard` adds."""
    text = cell.removeprefix(GUARD)
    return _GUARDED_INSIDE.sub(r"\1", text) if GUARD in text else text


def allow_long_cells() -> None:
    """Let the csv module read cells of ``LONGEST_CELL``; its limit is one for the whole process, so it is set here alone."""
    csv.field_size_limit(LONGEST_CELL)


def one_line(text: str, longest: int = 120) -> str:
    """Returns the text as one visible line: no line breaks, control characters or bidirectional controls.

    What is longer than ``longest`` characters is cut, and ends in an ellipsis.
    """
    start = text[: longest * 8]
    line = " ".join((start if start.isprintable() else _visible(start)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "\u2026"


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
