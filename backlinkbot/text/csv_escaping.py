"""Escapes untrusted text against CSV injection, and undoes the escape; cleans text to a single line.

A spreadsheet chooses the separator itself: in locales with decimal commas it is a semicolon, and then quotation marks in
the middle of a line do not protect. So a cell may start after every possible separator within a text.
"""

from __future__ import annotations

import csv
import re
import string
from operator import itemgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

# OWASP, "CSV Injection": https://owasp.org/www-community/attacks/CSV_Injection; then characters compatible with these four
# by Unicode (NFKC: full-width, small, raised and lowered forms), and the minus sign.
SIGNS: Final = (
    "=+-@"
    "\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207a\u207b\u207c\u208a\u208b\u208c\ufb29\u2212"
)  # fmt: skip
FORMULA_STARTS: Final = (*SIGNS, "\t", "\r", "\n")
"""The first characters of a cell that a spreadsheet may read as a formula."""
SEPARATORS: Final = ";|\t\r\n"
"""Where a spreadsheet may start a cell within a text. Not the comma: text with a comma is quoted."""
GUARD: Final = "'"
LONGEST_CELL: Final = 64 * 1024 * 1024
"""Most characters of a cell. The csv module's own limit is 131,072; a URL in a page may be longer."""

# Spreadsheets may trim or hide these before a sign: white space, quotation marks, control characters, and characters that
# are default-ignorable (DerivedCoreProperties.txt). Separators are not among them: a cell starts after each.
_IGNORED: Final = (
    r"[ \"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]*+"
)
_SIGN: Final = f"[{re.escape(SIGNS)}]"
_AT_START: Final = re.compile(rf"['\t\r\n]|{_IGNORED}{_SIGN}")
_INSIDE: Final = re.compile(rf"([{SEPARATORS}])(?='*+{_IGNORED}{_SIGN})")
_ANYWHERE: Final = re.compile(rf"[{SEPARATORS}](?:['\t\r\n]|{_IGNORED}{_SIGN})")
_GUARDED_INSIDE: Final = re.compile(rf"([{SEPARATORS}])'(?='*+{_IGNORED}{_SIGN})")

_PLAIN_STARTS: Final = frozenset(("", *string.ascii_letters, *string.digits))
_first: Final = itemgetter(slice(1))


def guard(text: str) -> str:
    """Adds an apostrophe wherever a spreadsheet might read a formula; :func:`unguard` undoes it.

    It may read one at the start, even after an apostrophe, and after separators within the text.
    """
    if _INSIDE.search(text):
        text = _INSIDE.sub(rf"\1{GUARD}", text)
    first = text[:1]
    if first.isascii() and first.isalnum():  # nearly every cell
        return text
    return GUARD + text if _AT_START.match(text) else text


def needs_guard(texts: Sequence[str]) -> bool:
    """True if :func:`guard` changes one of the texts; also, seldom, if it changes none."""
    if not holds_any("".join(texts), SEPARATORS) and _PLAIN_STARTS.issuperset(map(_first, texts)):
        return False
    return _ANYWHERE.search("\n" + "\n".join(filter(None, texts))) is not None


def holds_any(text: str, characters: str) -> bool:
    """True if the text has one of the characters; faster in long texts than a regular expression."""
    return any(map(text.__contains__, characters))


def unguard(cell: str) -> str:
    """Removes the apostrophes that :func:`guard` adds."""
    text = cell.removeprefix(GUARD)
    return _GUARDED_INSIDE.sub(r"\1", text) if GUARD in text else text


def allow_long_cells() -> None:
    """Raises the csv module's limit to ``LONGEST_CELL``; the limit is global, so only this module sets it."""
    csv.field_size_limit(LONGEST_CELL)


def one_line(text: str, longest: int = 120) -> str:
    """Returns the text as one visible line: no line breaks, control characters or bidirectional controls.

    A text longer than ``longest`` characters is cut, and ends in an ellipsis.
    """
    if not text:
        return ""
    start = text[: longest * 8]
    line = " ".join((start if start.isprintable() else _visible(start)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "\u2026"


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
