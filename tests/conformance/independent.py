"""A second reading of the same bytes that shares no code with ours: html5lib's tree, Servo's URL parser, a walk of its own.

And a third, Lexbor's, to ask when the two disagree.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import html5lib
import url as servo
import webencodings
from selectolax.lexbor import LexborHTMLParser, LexborNode

from backlinkbot.extract.page import PageContent

HTML = "http://www.w3.org/1999/xhtml"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_SPACE = re.compile(r"\s+")
_SILENT = frozenset({"script", "style", "template"})


@dataclass(frozen=True, slots=True)
class Row:
    """A link as far as two readings of a page can be compared."""

    url: str
    rel: tuple[str, ...]
    anchor: str
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    encoding: str
    base: str
    rows: tuple[Row, ...]


class Node(Protocol):
    """What the walk asks of an element, whoever parsed it."""

    @property
    def name(self) -> str: ...
    @property
    def is_html(self) -> bool: ...
    def attribute(self, name: str) -> str | None: ...
    def children(self) -> Iterator[Node | str]: ...


# --- ours -----------------------------------------------------------------------------------------------------------


def read_ours(body: bytes, url: str, charset: str) -> Reading:
    content = PageContent(body, url, charset)
    rows = tuple(Row(link.url, link.rel, link.anchor, link.anchor_source) for link in content.links())
    return Reading(content.encoding.lower(), content.base_url.href, rows)


# --- html5lib and Servo ---------------------------------------------------------------------------------------------


class Html5libNode:
    __slots__ = ("_element", "is_html", "name")

    def __init__(self, element: Any) -> None:
        self._element = element
        namespace, _, name = element.tag.rpartition("}")
        self.name: str = name
        self.is_html: bool = namespace == f"{{{HTML}"

    def attribute(self, name: str) -> str | None:
        value: str | None = self._element.get(XLINK_HREF if name == "xlink:href" else name)
        return value

    def children(self) -> Iterator[Node | str]:
        if self._element.text:
            yield self._element.text
        for child in self._element:
            if isinstance(child.tag, str):  # a comment's is a function
                yield Html5libNode(child)
            if child.tail:
                yield child.tail


def read_independently(body: bytes, url: str, charset: str) -> Reading:
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), namespaceHTMLElements=True)
    known = webencodings.lookup(charset) if charset else None
    tree = parser.parse(
        body,
        transport_encoding=known.name if known else None,
        default_encoding=xml_encoding(body) or "windows-1252",
        useChardet=False,
    )
    encoding = parser.documentEncoding
    assert isinstance(encoding, str)
    text = decode(body, encoding)
    if text is not None:
        tree = html5lib.parse(text, namespaceHTMLElements=True)
    return walk(Html5libNode(tree), url, encoding)


def xml_encoding(body: bytes) -> str:
    """What html5lib does not read: the XML declaration, which counts where there is no ``<meta>``."""
    start, end, _ = body.partition(b">")
    known = re.search(rb"encoding\s*=\s*[\"']([\w:-]+)[\"']", start) if end and start[:5] == b"<?xml" else None
    encoding = webencodings.lookup(known[1].decode("ascii")) if known else None
    return ("utf-8" if encoding.name.startswith("utf-16") else encoding.name) if encoding else ""


# How Python's decoders must be led to read as the Encoding Standard does: its codec, and what to do with an error.
_DECODERS = {
    "euc-kr": ("cp949", "backlinkbot-two-bytes"),
    "shift_jis": ("cp932", "backlinkbot-two-bytes"),
    "gbk": ("gb18030", "backlinkbot-gb18030"),
    "gb18030": ("gb18030", "backlinkbot-gb18030"),
    **{f"windows-125{number}": (f"cp125{number}", "backlinkbot-c1") for number in range(9)},
}
# What Python reads as a character for private use, and the standard does not.
_TRANSLATED = {
    "shift_jis": dict.fromkeys(range(0xF8F0, 0xF8F4), "\ufffd"),  # the bytes A0, FD, FE, FF
    "gbk": {0xE5E5: "\u3000"},  # A3A0
    "gb18030": {0xE5E5: "\u3000"},
}


def decode(body: bytes, encoding: str) -> str | None:
    """The text, where html5lib's decoders, which are Python's, may read otherwise than the Encoding Standard.

    None where they do not. Python leaves the bytes of windows-125x undefined that the standard maps to C1 controls; of
    the double-byte encodings it takes a smaller set, and goes on at another byte behind a broken character.
    """
    if encoding not in _DECODERS:
        return None
    codec, errors = _DECODERS[encoding]
    return body.decode(codec, errors).translate(_TRANSLATED.get(encoding, {}))


def _c1(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    byte = error.object[error.start]
    return chr(byte) if byte < 0xA0 else "\ufffd", error.start + 1


def _two_bytes(error: UnicodeError) -> tuple[str, int]:
    """https://encoding.spec.whatwg.org/#euc-kr-decoder: one U+FFFD for both bytes, but ASCII is read again."""
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    is_lead = 0x81 <= pair[0] <= 0xFC and (len(pair) == 2) and pair[1] > 0x7F
    return "\ufffd", error.start + (2 if is_lead else 1)


def _gb18030(error: UnicodeError) -> tuple[str, int]:
    """https://encoding.spec.whatwg.org/#gb18030-decoder, which reads a lone 0x80 as the euro sign."""
    assert isinstance(error, UnicodeDecodeError)
    head = error.object[error.start : error.start + 4]
    if head[0] == 0x80:
        return "\u20ac", error.start + 1
    if re.fullmatch(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]", head):
        return "\ufffd", error.start + 4
    is_pair = 0x81 <= head[0] <= 0xFE and len(head) > 1 and head[1] > 0x7F
    return "\ufffd", error.start + (2 if is_pair else 1)


codecs.register_error("backlinkbot-c1", _c1)
codecs.register_error("backlinkbot-two-bytes", _two_bytes)
codecs.register_error("backlinkbot-gb18030", _gb18030)


# --- Lexbor ---------------------------------------------------------------------------------------------------------


class LexborElement:
    __slots__ = ("_node",)

    def __init__(self, node: LexborNode) -> None:
        self._node = node

    @property
    def name(self) -> str:
        return self._node.tag or ""

    @property
    def is_html(self) -> bool:
        parent: LexborNode | None = self._node
        while parent is not None:  # selectolax does not tell the namespace
            if parent.tag in {"svg", "math"}:
                return parent is self._node and False
            parent = parent.parent
        return True

    def attribute(self, name: str) -> str | None:
        attributes = self._node.attributes
        return (attributes[name] or "") if name in attributes else None

    def children(self) -> Iterator[Node | str]:
        child = self._node.child
        while child is not None:
            if child.is_text_node:
                yield child.text_content or ""
            elif child.is_element_node:
                yield LexborElement(child)
            child = child.next


def read_with_lexbor(body: bytes, url: str, encoding: str) -> Reading:
    """The third opinion, on the tree only: it is told the encoding."""
    text = decode(body, encoding)
    if text is None:
        text, _ = webencodings.decode(body, encoding)
    root = LexborHTMLParser(text).root
    assert root is not None
    return walk(LexborElement(root), url, encoding)


# --- the walk -------------------------------------------------------------------------------------------------------


def elements(root: Node) -> Iterator[Node]:
    """The element and all below it in tree order, but for what is in templates, scripts and style sheets."""
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        yield node
        if node.name not in _SILENT:
            stack.extend(reversed([child for child in node.children() if not isinstance(child, str)]))


def text_of(root: Node) -> str:
    parts: list[str] = []
    stack: list[Node | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
        elif node.name == "br":
            parts.append("\n")  # https://html.spec.whatwg.org/#the-innertext-idl-attribute
        elif node.name not in _SILENT:
            stack.extend(reversed(list(node.children())))
    return collapse("".join(parts))


def collapse(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def anchor_of(link: Node) -> tuple[str, str]:
    if text := text_of(link):
        return text, "text"
    if link.name == "area":
        alts = [link.attribute("alt") or ""]
    else:
        alts = [node.attribute("alt") or "" for node in elements(link) if node.name == "img"]
    candidates = [*(("alt", alt) for alt in alts)]
    candidates += [(name, link.attribute(name) or "") for name in ("aria-label", "title")]
    return next(((collapse(value), name) for name, value in candidates if collapse(value)), ("", ""))


def walk(root: Node, url: str, encoding: str) -> Reading:
    nodes = list(elements(root))
    base = base_url(nodes, url, encoding)
    rows = []
    known: dict[str, str | None] = {}
    for node in nodes:
        if node.name not in {"a", "area"}:
            continue
        href = node.attribute("href")
        if href is None:
            href = node.attribute("xlink:href")
        if href is None:
            continue
        if href not in known:
            resolved = resolve(href, base, encoding)
            known[href] = str(resolved) if resolved is not None and resolved.scheme in {"http", "https"} else None
        leads_to = known[href]
        if leads_to is not None:
            rel = tuple(filter(None, re.split(r"[\s,]", node.attribute("rel") or "")))
            rows.append(Row(leads_to, rel, *anchor_of(node)))
    return Reading(encoding, str(base), tuple(rows))


def base_url(nodes: list[Node], url: str, encoding: str) -> servo.URL:
    page = servo.URL.parse(url)
    for node in nodes:
        href = node.attribute("href") if node.name == "base" and node.is_html else None
        if href is not None:
            base = resolve(href, page, encoding)
            return page if base is None or base.scheme in {"data", "javascript"} else base
    return page


_QUERY = re.compile(r"([^?#]*\?)([^#]*)(.*)", re.DOTALL)
_THREE_SLASHES = re.compile(r"\A([\x00-\x20]*)[/\\]{3,}")


def resolve(reference: str, base: servo.URL, encoding: str) -> servo.URL | None:
    if not encoding.startswith("utf-") and not reference.isascii():
        reference = with_encoded_query(reference, base, encoding)
    if base.scheme in {"http", "https"}:
        # rust-url fails on more than two leading slashes, which the standard skips ("special authority ignore
        # slashes state"); the published vectors hold that case.
        reference = _THREE_SLASHES.sub(r"\1//", reference)
    try:
        return base.join(reference)
    except (servo.URLError, UnicodeEncodeError):
        return None


def with_encoded_query(reference: str, base: servo.URL, encoding: str) -> str:
    scheme = re.match(r"[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):", reference)
    name = scheme[1].lower() if scheme else base.scheme
    parts = _QUERY.fullmatch(reference)
    if parts is None or name not in {"http", "https", "ftp", "file"}:
        return reference
    codec = webencodings.lookup(encoding)
    assert codec is not None
    query = "".join(_encoded(character, codec) for character in parts[2])
    return f"{parts[1]}{query}{parts[3]}"


def _encoded(character: str, codec: webencodings.Encoding) -> str:
    if character.isascii():
        return character
    try:
        encoded = codec.codec_info.encode(character)[0]
    except UnicodeEncodeError:
        return f"%26%23{ord(character)}%3B"
    return "".join(f"%{byte:02X}" if byte > 0x7E or byte in b" \"#<>'" else chr(byte) for byte in encoded)
