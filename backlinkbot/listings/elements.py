"""Hostile XML that was fetched, element by element, in little memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from lxml.etree import _Element as Element

MAX_ELEMENTS: Final = 50_000
"""Of one document; as many entries may a sitemap have, by its protocol."""
_CHUNK: Final = 64 * 1024
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HARMLESS: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "recover": True,  # many feeds are not well-formed, and most of such a one can be read all the same
}

# A mistake that many sitemaps make, and that costs an address its query: "&" for "&amp;". In CDATA it is none.
_AMPERSANDS: Final = re.compile(
    rb"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?!(?:#[0-9]+|#x[0-9a-f]+|[a-z][a-z0-9]*);)", re.DOTALL | re.IGNORECASE
)
_MOST_AMPERSANDS: Final = 100_000  # to mend more would cost memory; no sitemap may have so many entries


def elements(body: bytes, roots: AbstractSet[str], wanted: AbstractSet[str], charset: str = "") -> Iterator[Element]:
    """The elements of the wanted local names as they end, none where the document's root is not one of ``roots``.

    An element is whole until the next is asked for; what lies behind is forgotten, so that a long document costs no
    more memory than a short one.

    Args:
        body: the document; its start, where it is broken off.
        roots: local names.
        wanted: local names.
        charset: the charset parameter of its ``Content-Type``, which counts for more than what the document says of
            itself (RFC 7303 §3), and less than a byte order mark.
    """
    parser = _parser(roots | wanted, "" if body.startswith(_BOMS) else charset)
    if b"\0" not in body[:4] and body.count(b"&") < _MOST_AMPERSANDS:  # UTF-16 has a NUL beside each ASCII character
        body = _AMPERSANDS.sub(lambda found: b"&amp;" if found[0] == b"&" else found[0], body)
    root: Element | None = None
    seen = 0
    for start in range(0, len(body), _CHUNK):
        is_read = _feed(parser, body[start : start + _CHUNK])
        for event, element in parser.read_events():
            if root is None:
                if element.getparent() is not None or local_name(element) not in roots:
                    return
                root = element
            elif event == "end" and local_name(element) in wanted:
                yield element
                seen += 1
        if root is None or seen >= MAX_ELEMENTS or not is_read:
            return
        _forget(root, wanted)


def _parser(names: AbstractSet[str], charset: str) -> etree.XMLPullParser:
    tags = [f"{{*}}{name}" for name in sorted(names)]
    try:
        return etree.XMLPullParser(events=("start", "end"), tag=tags, encoding=charset or None, **_HARMLESS)
    except LookupError:  # no charset that anybody knows
        return etree.XMLPullParser(events=("start", "end"), tag=tags, **_HARMLESS)


def _feed(parser: etree.XMLPullParser, chunk: bytes) -> bool:
    """Whether the parser takes more; it is never told the end, or it would close what is broken off."""
    try:
        parser.feed(chunk)
    except (etree.LxmlError, ValueError):
        return False
    return True


def _forget(root: Element, kept: AbstractSet[str]) -> None:
    """Cut off what has ended, down to the element that has not; one that is wanted stays whole."""
    element = root
    while len(element):
        del element[:-1]
        element = element[-1]
        if not isinstance(element.tag, str) or local_name(element) in kept:
            return


def local_name(element: Element) -> str:
    """The name without its namespace."""
    return str(etree.QName(element).localname)


def child_text(element: Element, *names: str) -> str:
    """The text of the first child with the first of these local names that has any; empty where none has.

    A child that holds more than text, such as an entity of the document's own making, has none.
    """
    for name in names:
        for child in element.iterchildren(f"{{*}}{name}"):
            if not len(child) and (text := (child.text or "").strip()):
                return text
    return ""


def as_html(element: Element) -> str:
    """What stands in an element, as HTML: its text, which is some, and the elements in it."""
    parts = [element.text or ""]
    for child in element:
        is_entity = child.tag is etree.Entity  # of HTML, which XML does not know: "&nbsp;"
        parts.append(
            child.text if is_entity else etree.tostring(child, encoding="unicode", method="html", with_tail=False)
        )
        parts.append(child.tail or "")
    return "".join(parts)
