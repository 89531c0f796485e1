"""Hostile XML, fetched or of a file, element by element, in little memory."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any, Final, cast

from lxml import etree

from backlinkbot.extract.documents.xml_repair import CHUNK, RepairedXML

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from lxml.etree import _Element as Element

MAX_ELEMENTS: Final = 50_000
"""Of one document; as many entries may a sitemap have, by its protocol."""
_HARMLESS: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "recover": True,  # many feeds are not well-formed, and most of such a one can be read all the same
}
BrokenXMLError: Final = etree.XMLSyntaxError
"""What reading on raises where a document cannot be read any further."""


def events(file: IO[bytes], wanted: tuple[str, ...]) -> Any:
    """The events (``start``, ``end``) of a file that may be hostile, mistakes read over: an iterator with an ``error_log``.

    Raises:
        BrokenXMLError: while it is iterated, where nothing more can be read.
    """
    return etree.iterparse(cast("Any", RepairedXML(file)), events=wanted, encoding="utf-8", **_HARMLESS)


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
    tags = [f"{{*}}{name}" for name in sorted(roots | wanted)]
    parser = etree.XMLPullParser(events=("start", "end"), tag=tags, encoding="utf-8", **_HARMLESS)
    document = RepairedXML(io.BytesIO(body), charset)
    root: Element | None = None
    seen = 0
    while chunk := document.read(CHUNK):
        is_read = _feed(parser, chunk)
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
