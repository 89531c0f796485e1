"""Parses a page with Lexbor through selectolax: the second adapter, with cost limits and without turbohtml's help.

Lexbor takes text, tells no namespaces and knows no declarative shadow trees; what it lacks is added here. What a page
may cost it is bounded (:mod:`~tests.reference_parsers.lexbor_bounds`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Final, cast

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from backlinkbot.extract.html import encodings, turbo
from backlinkbot.extract.html.protocols import DocumentLike, ElementLike
from backlinkbot.extract.html.raw import FALLBACK_ENCODING, utf_16_of, xml_label
from backlinkbot.extract.html.styles import applies
from tests.reference_parsers.lexbor_bounds import cost_of

_CLONING: Final = re.compile(rb"<selectedcontent", re.IGNORECASE)
"""An element that repeats another one, however large."""
PRESCANNED: Final = 1024
"""The number of bytes in which a ``<meta>`` is looked for before parsing."""


class PageTooCostlyError(Exception):
    """The page may cost Lexbor more than the limits allow."""


def parse(body: bytes, charset: str = "") -> DocumentLike:
    """Parses the page with Lexbor, or with turbohtml if it exceeds the limits; never raises.

    Args:
        body: the page, content encodings undone.
        charset: the charset parameter of its ``Content-Type``; one that no browser knows counts as none.
    """
    try:
        return Document(body, charset)
    except PageTooCostlyError:
        return turbo.Document(body, charset)


class Element:
    """An element; two are equal if they stand for the same node of the tree."""

    __slots__ = ("_id", "node")

    def __init__(self, node: LexborNode) -> None:
        self.node: Final = node
        self._id = node.mem_id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Element) and other._id == self._id

    def __hash__(self) -> int:
        return self._id

    @property
    def tag(self) -> str:
        return self.node.tag or ""

    @property
    def text(self) -> str:
        return self.node.text()

    def attr(self, name: str, /) -> str | None:
        attributes = self.node.attrs
        return attributes.sget(name) if name in attributes else None

    def iter_elements(self, tags: str | Iterable[str], /) -> Iterator[Element]:
        names = [tags] if isinstance(tags, str) else tags
        return (Element(node) for node in _found(self.node, names) if node.mem_id != self._id)


def _is_live(node: LexborNode) -> bool:
    """True if the node is an element and not a template."""
    return node.is_element_node and (node.tag != "template" or node.first_child is not None)


def _found(root: LexborNode, tags: Iterable[str]) -> list[LexborNode]:
    return root.css(",".join(tags))


class Document:
    """Implements :class:`~backlinkbot.extract.html.protocols.DocumentLike`."""

    __slots__ = ("_hosts", "_namespaces", "_roots", "_sheets", "_thinned", "encoding", "is_cut")

    def __init__(self, body: bytes, charset: str = "") -> None:
        """Parses the page.

        Args:
            body: the page, content encodings undone.
            charset: the charset parameter of its ``Content-Type``; one that no browser knows counts as none.

        Raises:
            PageTooCostlyError: the page may cost too much; nothing was parsed.
        """
        encoding, tree = _parse(body, charset)
        self.is_cut = False
        """What is too much is not read by Lexbor at all."""
        self.encoding: str = encodings.display_name(encoding)
        self._namespaces = _Namespaces()
        self._roots: list[LexborNode] = [tree]
        self._hosts: dict[int, LexborNode] = {}
        self._thinned: set[int] = set()
        self._sheets = [
            node.text()
            for node in _found(tree, ("style",))
            if applies(Element(node)) and not node.css_matches("noscript style")
        ]
        for root in self._roots:  # grows while it is walked: shadow trees may hold shadow trees
            self._namespaces.add_tree(root)
            for node in _found(root, ("script", "style", "template")):
                if node.parent is not None:
                    self._thinned.add(node.parent.mem_id)
            for node in _found(root, ("script", "style")):
                node.decompose()
            self._roots += self._shadow_trees(root)

    def _shadow_trees(self, root: LexborNode) -> Iterator[LexborNode]:
        """Yields the contents of templates that become a shadow tree of their parent, at most one each."""
        hosts: set[int] = set()
        for content in root.template_fragments():
            template = content.parent
            host = template.parent if template is not None else None
            if template is None or host is None or host.mem_id in hosts:
                continue
            mode = template.attrs.sget("shadowrootmode").lower()
            if mode in _SHADOW_MODES and _HOST.fullmatch(host.tag or "") and self._namespaces.is_html(host):
                hosts.add(host.mem_id)
                self._hosts[content.mem_id] = host
                yield content

    def elements(self, *tags: str) -> Iterator[Element]:
        """Yields the elements with these local names in tree order; those of declarative shadow trees come last."""
        return (Element(node) for root in self._roots for node in _found(root, tags))

    def html_elements(self, *tags: str) -> Iterator[Element]:
        """Yields the same without elements of SVG and MathML."""
        return (element for element in self.elements(*tags) if self._namespaces.is_html(element.node))

    def own_elements(self, *tags: str) -> Iterator[Element]:
        """Yields the HTML elements with these names outside shadow trees."""
        return (Element(node) for node in _found(self._roots[0], tags) if self._namespaces.is_html(node))

    def shadow_elements(self, *tags: str) -> set[Element]:
        """Returns the elements in shadow trees."""
        return {Element(node) for root in self._roots[1:] for node in _found(root, tags)}

    def parent(self, element: ElementLike, /) -> Element | None:
        """Returns the parent element; for the top of a shadow tree, its host; None for ``<html>``."""
        around = cast("Element", element).node.parent
        if around is not None and not around.is_element_node:  # the document, or what a template holds
            around = self._hosts.get(around.mem_id)
        return Element(around) if around is not None and around.is_element_node else None

    def nodes(self, element: ElementLike, /) -> Iterator[Element | str]:
        """Yields its children in order: elements, and texts as strings; no comments, no shadow tree."""
        for node in cast("Element", element).node.iter(include_text=True):
            if _is_live(node):
                yield Element(node)
            elif node.is_text_node:
                yield node.text_content or ""

    def below(self, element: ElementLike, /) -> Iterator[tuple[Element | str, Element]]:
        """Yields all nodes below it in tree order, each with its parent: the object that was yielded or given before it."""
        levels = [(cast("Element", element), self.nodes(element))]
        while levels:
            parent, nodes = levels[-1]
            node = next(nodes, None)
            if node is None:
                levels.pop()
                continue
            yield node, parent
            if isinstance(node, Element):
                levels.append((node, self.nodes(node)))

    def tops(self) -> Iterator[Element]:
        """Yields ``<html>``, then the top elements of each shadow tree."""
        yield self.root
        for root in self._roots[1:]:
            yield from (Element(node) for node in root.iter() if _is_live(node))

    def matches(self, element: ElementLike, selector: str, /) -> bool | None:
        """True if a CSS selector matches; None if the parser does not know it, or if what it depends on was removed."""
        node = cast("Element", element).node
        around = node.parent
        if around is None or not {node.mem_id, around.mem_id}.isdisjoint(self._thinned):
            return None
        try:
            return any(found.mem_id == node.mem_id for found in around.css(selector))
        except SelectolaxError:
            return None

    def is_thinned(self, element: ElementLike, /) -> bool:
        """True if a template, script or style sheet was removed from an element's children."""
        return cast("Element", element).node.mem_id in self._thinned

    def style_sheets(self) -> list[str]:
        """Returns the texts of applied ``<style>`` elements of the document, without shadow trees."""
        return self._sheets

    def comments(self) -> Iterator[str]:
        """Yields the texts of all comments in tree order; those of shadow trees come last."""
        before, behind = [], []
        node = self._roots[0].prev
        while node is not None:
            before.append(node)
            node = node.prev
        node = self._roots[0].next
        while node is not None:
            behind.append(node)
            node = node.next
        inside = (node for root in self._roots for node in root.traverse(include_text=True))
        for node in chain(reversed(before), inside, behind):
            if node.is_comment_node:
                yield node.comment_content or ""

    def template_elements(self, *tags: str) -> Iterator[Element]:
        """Yields the elements with these local names in templates, which are not part of the page."""
        shadows = {root.mem_id for root in self._roots}
        inert = [
            content for root in self._roots for content in root.template_fragments() if content.mem_id not in shadows
        ]
        for content in inert:  # grows while it is walked
            yield from (Element(node) for node in _found(content, tags))
            inert += content.template_fragments()

    def elements_inside(self, container: str, *tags: str) -> set[Element]:
        """Returns the elements below a ``container``; linear in the page, however containers nest."""
        found: set[Element] = set()
        for outer in self.elements(container):
            if outer not in found:
                found.update(outer.iter_elements((container, *tags)))
        return found

    @property
    def root(self) -> Element:
        """The ``<html>`` element."""
        return Element(self._roots[0])


# --- what Lexbor does not tell -------------------------------------------------------------------------------------------

_SHADOW_MODES: Final = frozenset({"open", "closed"})
# https://dom.spec.whatwg.org/#valid-shadow-host-name
_HOST: Final = re.compile(
    r"article|aside|blockquote|body|div|footer|h[1-6]|header|main|nav|p|section|span"
    r"|(?!(?:annotation-xml|color-profile|font-face|font-face-(?:src|uri|format|name)|missing-glyph)\Z)[a-z].*-.*",
    re.DOTALL,
)
# https://html.spec.whatwg.org/multipage/parsing.html#html-integration-point, and the points of MathML's text: below
# these an element is HTML's again. (namespace, name)
_INTEGRATION_POINTS: Final = frozenset(
    {("svg", name) for name in ("foreignObject", "desc", "title")}
    | {("math", name) for name in ("mi", "mo", "mn", "ms", "mtext")}
)
_HTML_ENCODINGS: Final = frozenset({"text/html", "application/xhtml+xml"})


class _Namespaces:
    """Determines the namespace of each element from its ancestors."""

    __slots__ = ("_has_foreign", "_known")

    def __init__(self) -> None:
        self._has_foreign = False
        self._known: dict[int, str] = {}

    def add_tree(self, root: LexborNode) -> None:
        """Adds another tree."""
        self._has_foreign = self._has_foreign or root.css_first("svg,math") is not None

    def is_html(self, node: LexborNode) -> bool:
        return not self._has_foreign or self._of(node) == ""

    def _of(self, node: LexborNode) -> str:
        """Returns ``svg``, ``math``, or an empty string for HTML."""
        path = [node]
        while path[-1].mem_id not in self._known and (above := path[-1].parent) is not None:
            path.append(above)
        for parent, child in pairwise(reversed(path)):
            self._known[child.mem_id] = _namespace(child, parent, self._known.get(parent.mem_id, ""))
        return self._known.get(node.mem_id, "")


def _namespace(node: LexborNode, parent: LexborNode, around: str) -> str:
    """Returns the namespace by the standard: https://html.spec.whatwg.org/multipage/parsing.html#tree-construction."""
    tag = node.tag or ""
    above = parent.tag or ""
    if around == "math" and above == "annotation-xml":
        is_point = tag == "svg" or parent.attrs.sget("encoding").lower() in _HTML_ENCODINGS
    elif around == "math" and tag in {"mglyph", "malignmark"}:
        is_point = False
    else:
        is_point = (around, above) in _INTEGRATION_POINTS
    if around and not is_point:
        return around
    return tag if tag in {"svg", "math"} else ""


# --- from bytes to a tree -----------------------------------------------------------------------------------------------


def _parse(body: bytes, charset: str) -> tuple[str, LexborNode]:
    """Chooses the encoding (byte order mark, header, ``<meta>``, XML declaration, fallback) and parses."""
    said = (encodings.marked(body), encodings.named(charset), utf_16_of(body).lower(), _declared_at_start(body))
    for encoding in filter(None, said):
        return encoding, _tree(encodings.decode(body, encoding))
    tree = _tree(encodings.decode(body, FALLBACK_ENCODING))
    encoding = _declared_by_meta(tree) or _declared_in_ascii(xml_label(body)) or FALLBACK_ENCODING
    return encoding, tree if encoding == FALLBACK_ENCODING else _tree(encodings.decode(body, encoding))


def _tree(text: str) -> LexborNode:
    page = text.encode()
    if _CLONING.search(page) is not None or not cost_of(page).is_within_limits:
        raise PageTooCostlyError
    return _root(page)


def _root(page: str | bytes) -> LexborNode:
    return cast("LexborNode", LexborHTMLParser(page).root)  # a document has an element, whatever the page


def _declared_at_start(body: bytes) -> str:
    return _declared_by_meta(_root(encodings.decode(body[:PRESCANNED], FALLBACK_ENCODING)))


# https://html.spec.whatwg.org/multipage/urls-and-fetching.html#extracting-character-encodings-from-meta-elements
_CONTENT: Final = re.compile(
    r"charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:\"([^\"]*)\"|'([^']*)'|([^\"'\t\n\f\r ;][^\t\n\f\r ;]*))", re.IGNORECASE
)


def _declared_by_meta(root: LexborNode) -> str:
    for meta in _metas(root):
        attributes = meta.attributes
        label = attributes.get("charset") or ""
        if "charset" not in attributes and (attributes.get("http-equiv") or "").lower() == "content-type":
            found = _CONTENT.search(attributes.get("content") or "")
            label = next(filter(None, found.groups()), "") if found is not None else ""
        if encoding := _declared_in_ascii(label):
            return "windows-1252" if encoding == "x-user-defined" else encoding
    return ""


def _metas(root: LexborNode) -> Iterator[LexborNode]:
    """Yields the ``<meta>`` elements in order, including those in templates, as a prescan of the bytes sees them."""
    open_ends = [iter(root.css("meta,template"))]
    while open_ends:
        node = next(open_ends[-1], None)
        if node is None:
            open_ends.pop()
        elif node.tag == "meta":
            yield node
        elif node.first_child is None:  # else it is SVG's
            open_ends += [iter(content.css("meta,template")) for content in node.template_fragments()]


def _declared_in_ascii(label: str) -> str:
    """Returns the encoding; a declaration that was readable as ASCII cannot mean UTF-16."""
    encoding = encodings.named(label) if label else ""
    return "utf-8" if encoding.startswith("utf-16") else encoding
