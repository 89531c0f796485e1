"""Makes untrusted text safe to show on a page: no invisible characters, a bounded length, only http(s) links."""

from __future__ import annotations

import unicodedata
from typing import Final

from backlinkbot import urls

LONGEST_TEXT: Final = 160
LONGEST_ADDRESS: Final = 2_083
"""Most characters of a linked address; a longer one is shown without a link."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible characters that Persian words and some emoji need."""
# Controls, bidirectional and other invisible marks, surrogates, and line ends. Of the unassigned code points only those
# that are never assigned: the others may become letters.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def visible(text: str) -> str:
    """Collapses white space and writes out invisible characters: ``<U+202E>``."""
    return "".join(map(_visible, " ".join(text.split())))


def _visible(character: str) -> str:
    code = ord(character)
    is_never_assigned = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    if character in _JOINERS or not (is_never_assigned or unicodedata.category(character) in _UNSEEN):
        return character
    return f"<U+{code:04X}>"


def cut(text: str, longest: int = LONGEST_TEXT) -> str:
    """Shortens a long text to its beginning and end."""
    short = text if len(text) <= longest else f"{text[: longest * 2 // 3]} … {text[-longest // 4 :]}"
    return visible(short)


def address_text(url: str, longest: int) -> str:
    """Returns an address as people read it: Unicode, without `https://`, names and passwords, and cut."""
    return cut(urls.readable(url).removeprefix("https://"), longest)


def link_to(address: str) -> str | None:
    """Returns the address if it may be linked: http or https, of bounded length, without a name or password.

    Readers mistake the name in ``https://example.com@evil.example/`` for the host.
    """
    if len(address) > LONGEST_ADDRESS:
        return None
    url = urls.parse(address)
    if url is None or not urls.is_web(url) or url.username or url.password:
        return None
    return url.href
