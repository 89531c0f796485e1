"""Bounds the number of elements that a page makes a parser reopen: 170 KB can demand gigabytes.

A formatting element that nobody closes, such as ``<font>``, is opened again in each block that follows
(https://html.spec.whatwg.org/multipage/parsing.html#reconstruct-the-active-formatting-elements). Six hundred of them, each
with attributes of its own, and forty thousand paragraphs are 24 million elements.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import turbohtml
from turbohtml import TokenType

MOST_REOPENED: Final = 4_000_000
"""The maximum number of elements; they take half a gigabyte."""

_FORMATTING: Final = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
_ALIKE: Final = 3
"""The number of equal formatting elements that are reopened at most, however many there were."""
# What stands before one of these cannot be closed behind it, or not everywhere.
_WALLS: Final = frozenset(
    ["applet", "caption", "frameset", "marquee", "math", "object", "select", "svg", "table", "td", "template", "th"]
)
_FOREIGN: Final = ("<svg", "<math")
# Text to a tokenizer that does not know where in a tree it is; to SVG and MathML they are elements like others.
_TEXT_ONLY: Final = frozenset(
    ["iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"]
)
_OPENING: Final = re.compile(rf"<(?:{'|'.join(sorted(_FORMATTING))})(?=[\s/>])[^>]*", re.IGNORECASE)
# The same but for links, of which one is open at a time; without IGNORECASE for the whole, which is slower.
_OPENED: Final = re.compile(
    rb"<(?:[bB](?i:ig)?|[cC](?i:ode)|[eE][mM]|[fF](?i:ont)|[iI]|[nN](?i:obr)|[sS](?i:mall|trike|trong)?|[tT]{2}|[uU])"
    rb"(?=[\t\n\f\r />])"
)


def within_limits(page: bytes) -> bytes:
    """Returns the page, or as much of its beginning as is within the limits."""
    while not is_within_limits(page):
        page = page[: len(page) // 2]
    return page


def is_within_limits(page: bytes) -> bool:
    """True if a parser has to reopen no more than ``MOST_REOPENED`` elements.

    Args:
        page: in any encoding whose ASCII characters are ASCII, or in UTF-16.
    """
    # A tag can open again at most those before it: most pages have too few tags, most others too few that matter.
    tags = page.count(b"<")
    if tags**2 < 4 * MOST_REOPENED:
        return True
    page = page.replace(b"\0", b"")
    if tags * (len(_OPENED.findall(page)) + 1) < MOST_REOPENED:
        return True
    return _reopened(page.decode("latin-1")) <= MOST_REOPENED


def _reopened(page: str) -> int:
    """Returns an upper bound; counting stops at the limit."""
    total = 0
    listed = _Listed()
    is_foreign = any(name in page.lower() for name in _FOREIGN)
    before = ""
    for token in turbohtml.tokenize(page, resolve_references=False, capture_source=True):
        if token.type is TokenType.START_TAG:
            before = token.tag or ""
            if before in _FORMATTING:
                listed.add(before, token.source or "")
                continue
        elif token.type is TokenType.END_TAG:
            before = ""
            if token.tag in _FORMATTING:
                listed.remove(token.tag)
                continue
        else:
            if is_foreign and before in _TEXT_ONLY and token.data:
                for tag in _OPENING.finditer(token.data):
                    listed.add("", tag[0])
            continue
        if token.tag in _WALLS:
            listed.add_marker()
        total += len(listed)
        if total > MOST_REOPENED:
            break
    return total


class _Listed:
    """The list of active formatting elements, or a superset of it."""

    __slots__ = ("_alike", "_behind_wall", "_length")

    def __init__(self) -> None:
        self._alike: Counter[str] = Counter()
        self._behind_wall: dict[str, list[str]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, name: str, tag: str) -> None:
        key = name if name == "a" else tag  # a link ends the one before it
        if self._alike[key] < (1 if name == "a" else _ALIKE):
            self._alike[key] += 1
            self._length += 1
            self._behind_wall.setdefault(name, []).append(key)

    def remove(self, name: str) -> None:
        closable = self._behind_wall.get(name)
        if closable:
            self._alike[closable.pop()] -= 1
            self._length -= 1

    def add_marker(self) -> None:
        self._behind_wall.clear()
