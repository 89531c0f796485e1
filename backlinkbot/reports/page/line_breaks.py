"""Marks where lines of addresses and long words may break, for the report and the local page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONG: Final = 24
"""Most characters that stay on one line."""
_SLASH: Final = re.compile(r"(?<=/)(?=[^/\s])")
_SIGN: Final = re.compile(r"(?<=[.?&=_])(?=\w)|(?<=\w)(?=%)")
_LETTERS: Final = re.compile(rf"[^\W_]{{{_LONG}}}(?=[^\W_])")


def breakable(text: str) -> Markup:
    """Returns a text, escaped, with `<wbr>` behind the slashes of addresses, and behind dots and in words where they are long."""
    return Markup(" ").join(Markup("<wbr>").join(map(escape, _parts(word))) for word in text.split(" "))


def _parts(word: str) -> Iterator[str]:
    """Yields the parts of a word that stay on one line; browsers break behind hyphens themselves."""
    for path in _SLASH.split(word):
        for part in _SIGN.split(path) if _is_long(path) else (path,):
            yield from _LETTERS.sub(r"\g<0>\n", part).split("\n") if _is_long(part) else (part,)


def _is_long(part: str) -> bool:
    return max(map(len, part.split("-"))) > _LONG
