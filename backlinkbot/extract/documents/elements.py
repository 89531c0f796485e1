"""Parses untrusted XML element by element in bounded memory."""

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
"""The maximum number per document; the sitemap protocol allows as many entries."""
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
"""Raised where a document cannot be read any further."""


def events(file: IO[bytes], wanted: tuple[str, ...]) -> Any:
    """Yields (event, element) for ``start`` and ``end``, recovering from errors; an iterator with an ``error_log``.

    Raises:
        BrokenXMLError: while it is iterated, where nothing more can be read.
    """
    return etree.iterparse(cast("Any", RepairedXML(file)), events=wanted, encoding="utf-8", **_HARMLESS)


def elements(body: bytes, roots: AbstractSet[str], wanted: AbstractSet[str], charset: str = "") -> Iterator[Element]:
    """Yields the elements with the wanted local names as they end; none if the root is not one of ``roots``.

    An element is complete until the next is requested; parsed parts are discarded, so that a long document costs no
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
    """True if the parser takes more input; it is never closed, which would complete a truncated document."""
    try:
        parser.feed(chunk)
    except (etree.LxmlError, ValueError):
        return False
    return True


def _forget(root: Element, kept: AbstractSet[str]) -> None:
    """Discards finished elements below the current one; wanted ones stay complete."""
    element = root
    while len(element):
        del element[:-1]
        element = element[-1]
        if not isinstance(element.tag, str) or local_name(element) in kept:
            return


def local_name(element: Element) -> str:
    """Returns the name without its namespace."""
    return str(etree.QName(element).localname)


def child_text(element: Element, *names: str) -> str:
    """Returns the text of the first child with the first of these local names that has any; empty if none has.

    A child that holds more than text, such as an entity of the document's own making, has none.
    """
    for name in names:
        for child in element.iterchildren(f"{{*}}{name}"):
            if not len(child) and (text := (child.text or "").strip()):
                return text
    return ""


def as_html(element: Element) -> str:
    """Returns an element's content as HTML: its text, which may be markup, and its child elements."""
    parts = [element.text or ""]
    for child in element:
        is_entity = child.tag is etree.Entity  # of HTML, which XML does not know: "&nbsp;"
        parts.append(
            child.text if is_entity else etree.tostring(child, encoding="unicode", method="html", with_tail=False)
        )
        parts.append(child.tail or "")
    return "".join(parts)
