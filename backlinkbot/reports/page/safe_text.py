"""Makes untrusted text safe to show on a page: no invisible characters, a bounded length, only http(s) links."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import unquote_to_bytes

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


def readable(address: str) -> str:
    """Returns a web address as a reader sees it: Unicode instead of punycode and percent-encoding, without name and password.

    What would read as another address, such as an encoded slash or space, stays encoded. Any other text is unchanged.
    """
    url = urls.parse(address)
    if url is None or not urls.is_web(url):
        return address
    port = f":{url.port}" if url.port else ""
    return f"{url.protocol}//{readable_host(url.hostname)}{port}{_decoded(url.pathname + url.search + url.hash)}"


def readable_host(host: str) -> str:
    """Returns a host with its labels in Unicode instead of punycode (RFC 3492)."""
    return ".".join(map(_label, host.split("."))) if "xn--" in host else host


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    # Only letters, marks and digits of other scripts: a label of signs, or of plain letters, was not made by a registry.
    is_word = all(unicodedata.category(sign)[0] in "LMN" or sign == "-" for sign in decoded)
    return decoded if is_word and not decoded.isascii() else label


def _decoded(text: str) -> str:
    """Decodes runs of percent-encoded bytes that are letters, marks or digits outside ASCII."""
    return _ENCODED.sub(_decoded_run, text)


_ENCODED: Final = re.compile(r"(?:%[89a-f][0-9a-f])+", re.IGNORECASE)


def _decoded_run(match: re.Match[str]) -> str:
    try:
        decoded = unquote_to_bytes(match[0]).decode()
    except UnicodeDecodeError:
        return match[0]
    return decoded if all(unicodedata.category(sign)[0] in "LMN" for sign in decoded) else match[0]
