"""Parses XHTML by XML's rules, as a browser does, up to the first error.

Expat reads; what it says is written down again without prefixes, entities and sections, for turbohtml to make the same tree of
that every other module knows. As in Chromium, a page that is not well-formed shows what stands before its mistake, the entities of
HTML are known where the document type is one of XHTML's, and neither ``xml:base`` nor a style sheet instruction counts.
"""

from __future__ import annotations

from html.entities import name2codepoint
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

import turbohtml

from backlinkbot.extract.html import encodings, turbo
from backlinkbot.extract.html.raw import xml_label

if TYPE_CHECKING:
    from backlinkbot.extract.html.protocols import DocumentLike
    from backlinkbot.extract.html.turbo import Element

XHTML: Final = "http://www.w3.org/1999/xhtml"
SVG: Final = "http://www.w3.org/2000/svg"
_MATHML: Final = "http://www.w3.org/1998/Math/MathML"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
MOST_DEPTH: Final = 5_000
"""The maximum depth of elements, as in Chromium."""
MOST_GROWTH: Final = 4
"""The factor by which entities may enlarge a page, besides one megabyte."""
_ROOT_WITHIN: Final = 65_536
"""The number of bytes in which the root element begins."""
_BEFORE_ROOT: Final = b"\xef\xbb\xbf \t\r\n"
_FOREIGN: Final = "_namespace"
"""The attribute that marks elements of other namespaces than HTML; the same name on the page is left out."""
_UNKNOWN: Final = "_"
"""The prefix for the names of elements in unknown namespaces."""

# https://html.spec.whatwg.org/multipage/xhtml.html#parsing-xhtml-documents: the types whose entities are known.
_ENTITY_TYPES: Final = frozenset(
    {
        "-//W3C//DTD XHTML 1.0 Transitional//EN",
        "-//W3C//DTD XHTML 1.1//EN",
        "-//W3C//DTD XHTML 1.0 Strict//EN",
        "-//W3C//DTD XHTML 1.0 Frameset//EN",
        "-//W3C//DTD XHTML Basic 1.0//EN",
        "-//W3C//DTD XHTML 1.1 plus MathML 2.0//EN",
        "-//W3C//DTD XHTML 1.1 plus MathML 2.0 plus SVG 1.1//EN",
        "-//W3C//DTD MathML 2.0//EN",
        "-//WAPFORUM//DTD XHTML Mobile 1.0//EN",
        "-//WAPFORUM//DTD XHTML Mobile 1.1//EN",
        "-//WAPFORUM//DTD XHTML Mobile 1.2//EN",
    }
)
_ENTITIES: Final = "".join(
    f'<!ENTITY {name} "&#38;#{code};">' if name in {"amp", "lt"} else f'<!ENTITY {name} "&#{code};">'
    for name, code in name2codepoint.items()
)


class Document(turbo.Document):
    """Implements :class:`~backlinkbot.extract.html.protocols.DocumentLike` for XML."""

    __slots__ = ()

    def __init__(self, body: bytes, charset: str = "") -> None:
        """Parses the page; never raises.

        Args:
            body: the page, content encodings undone.
            charset: the charset parameter of its ``Content-Type``; one that no browser knows counts as none.
        """
        encoding, text = decoded(body, charset)
        writer = _Writer(MOST_GROWTH * len(text) + 1_000_000)
        _feed(writer, text)
        tree = turbohtml.parse_xml(writer.written())
        self._set_up(tree, encodings.display_name(encoding), has_shadows=False)  # declarative ones are HTML's
        self.is_cut = writer.is_full

    @staticmethod
    def _is_html(element: Element) -> bool:
        return element.attr(_FOREIGN) is None


def parse_xhtml(body: bytes, charset: str = "") -> DocumentLike:
    """Parses the page; never raises.

    Args:
        body: the page, content encodings undone.
        charset: the charset parameter of its ``Content-Type``; one that no browser knows counts as none.
    """
    return Document(body, charset)


def decoded(body: bytes, charset: str = "") -> tuple[str, str]:
    """Returns the encoding in lower case, and the text, up to the first invalid byte of UTF-8.

    A byte order mark, the header, the declaration: the first that says something known, else UTF-8. A declaration that
    could be read byte by byte cannot say UTF-16.
    """
    encoding = encodings.marked(body) or encodings.named(charset) or _unmarked_utf_16(body)
    if not encoding:
        declared = encodings.named(xml_label(body.lstrip(_BEFORE_ROOT)))
        encoding = declared if declared and not declared.startswith("utf-16") else "utf-8"
    if encoding == "utf-8":
        body = body.removeprefix(b"\xef\xbb\xbf")
        try:
            return encoding, body.decode()
        except UnicodeDecodeError as error:
            return encoding, body[: error.start].decode()
    return encoding, encodings.decode(body, encoding)


def is_xml_page(body: bytes, charset: str = "") -> bool:
    """True if XML is a page: its root element, near the start, is of XHTML or SVG."""
    _, text = decoded(body[:_ROOT_WITHIN], charset)
    writer = _Writer(_ROOT_WITHIN)
    writer.is_root_enough = True
    _feed(writer, text)
    return writer.root in {XHTML, SVG}


def _unmarked_utf_16(body: bytes) -> str:
    """By https://www.w3.org/TR/xml/#sec-guessing-no-ext-info: what a ``<`` looks like."""
    return {b"<\0": "utf-16le", b"\0<": "utf-16be"}.get(body[:2], "")


class _StopError(Exception):
    """Ends parsing at the limit."""


class _Writer:
    """Receives Expat's events and writes XML without prefixes, entities, sections and instructions."""

    def __init__(self, most: int) -> None:
        self._parts: list[str] = []
        self._pending: list[str] = []
        self._left = most
        self._open: list[tuple[str, dict[str, str]]] = []
        """The open elements: the name as written, and the namespaces in scope."""
        self.root = ""
        """The namespace of the outermost element."""
        self.is_root_enough = False
        self.is_full = False

    def written(self) -> str:
        """Returns all of it with open elements closed; an empty page if nothing came."""
        ends = (f"</{name}>" for name, _ in reversed(self._open))
        return "".join((*self._parts, *ends)) or f'<html xmlns="{XHTML}"/>'

    def start(self, tag: str, attributes: list[str]) -> None:
        """Handles the start of an element."""
        self._flush()
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        spaces = _spaces(self._open[-1][1] if self._open else {"xml": _XML}, pairs)
        prefix, _, local = tag.rpartition(":")
        space = spaces.get(prefix, "")
        if not self._open:
            self.root = space
            if self.is_root_enough:
                raise _StopError
        if len(self._open) >= MOST_DEPTH:
            raise _StopError
        is_known = space in _KNOWN
        name = local if is_known else f"{_UNKNOWN}{local}"
        words = [f'<{name} xmlns:xlink="{_XLINK}"' if not self._open else f"<{name}"]
        if space != XHTML:
            words.append(f'{_FOREIGN}="{_KNOWN.get(space, "")}"')
        for written, value in pairs:
            kept = _attribute(written, spaces)
            if kept:
                words.append(f"{kept}={quoteattr(value)}")
        self._open.append((name, spaces))
        self._write(" ".join(words) + ">")

    def end(self, _tag: str) -> None:
        """Handles the end of an element."""
        self._flush()
        name, _ = self._open.pop()
        self._write(f"</{name}>")

    def text(self, data: str) -> None:
        """Handles text; the text right before an error is never shown."""
        self._pending.append(data)

    def comment(self, data: str) -> None:
        """Handles a comment."""
        if self._open:
            self._flush()
            self._write(f"<!--{data}-->")

    def _flush(self) -> None:
        if self._pending and self._open:
            self._write(escape("".join(self._pending)))
        self._pending.clear()

    def _write(self, part: str) -> None:
        self._left -= len(part)
        if self._left < 0:
            self.is_full = True
            raise _StopError
        self._parts.append(part)


_KNOWN: Final = {XHTML: "html", SVG: "svg", _MATHML: "math"}
_PREFIXES: Final = {_XLINK: "xlink", _XML: "xml"}


def _spaces(around: dict[str, str], pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Maps prefixes to namespaces, including an element's own declarations."""
    declared = {name.partition(":")[2]: value for name, value in pairs if name == "xmlns" or name.startswith("xmlns:")}
    return {**around, **declared} if declared else around


def _attribute(name: str, spaces: dict[str, str]) -> str:
    """Returns an attribute's name without namespace; empty if it is unknown."""
    prefix, _, local = name.rpartition(":")
    if not prefix:
        return "" if name in {"xmlns", _FOREIGN} else name
    known = _PREFIXES.get(spaces.get(prefix, "")) if prefix != "xmlns" else None
    return f"{known}:{local}" if known else ""


def _feed(writer: _Writer, text: str) -> None:
    """Parses a text up to its first error."""
    parser: Any = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    parser.CommentHandler = writer.comment
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)

    def external(_context: str | None, _base: str | None, _system: str | None, public: str | None) -> int:
        """Nothing is opened: a document type is empty, but for the entities of one that is known."""
        inner = parser.ExternalEntityParserCreate(_context, "utf-8")
        inner.Parse((_ENTITIES if _context is None and public in _ENTITY_TYPES else "").encode(), True)
        return 1

    parser.ExternalEntityRefHandler = external
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except (expat.ExpatError, _StopError):
        return
