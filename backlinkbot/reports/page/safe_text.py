"""What strangers wrote, as a page may show it: nothing invisible, nothing endless, and no address but http(s)."""

from __future__ import annotations

import unicodedata
from typing import Final

from backlinkbot import urls

LONGEST_TEXT: Final = 160
LONGEST_ADDRESS: Final = 2_083
"""Characters; a longer one is shown without a link to it."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible, but part of Persian words and of pictures made of several signs."""
# Controls, marks that turn or hide what stands beside them, halves of characters, and ends of lines. Of what Unicode has
# not assigned yet only the code points that it never will: the others are somebody's new letters.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def visible(text: str) -> str:
    """The text with its white space collapsed, and what a reader could not see written out: ``<U+202E>``."""
    return "".join(map(_visible, " ".join(text.split())))


def _visible(character: str) -> str:
    code = ord(character)
    is_never_assigned = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    if character in _JOINERS or not (is_never_assigned or unicodedata.category(character) in _UNSEEN):
        return character
    return f"<U+{code:04X}>"


def cut(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text as it is shown; of a long one the beginning and the end."""
    short = text if len(text) <= longest else f"{text[: longest * 2 // 3]} … {text[-longest // 4 :]}"
    return visible(short)


def link_to(address: str) -> str | None:
    """The address if a click may lead there: http or https, not endless, and no name or password before the host.

    Of ``https://example.com@evil.example/`` a reader takes the name for the host.
    """
    if len(address) > LONGEST_ADDRESS:
        return None
    url = urls.parse(address)
    if url is None or not urls.is_web(url) or url.username or url.password:
        return None
    return url.href
