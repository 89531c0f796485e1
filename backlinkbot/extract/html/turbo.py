"""Parses a page with turbohtml, a C parser that implements the standard's tree construction in bounded time."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

import turbohtml
from turbohtml import Element

from backlinkbot.extract.html.raw import FALLBACK_ENCODING, utf_16_of, xml_label
from backlinkbot.extract.html.reopening import within_limits
from backlinkbot.extract.html.styles import applies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.extract.html.protocols import ElementLike

__all__ = ["Document", "Element"]

_INERT: Final = ("template", "script", "style")


class Document:
    """Implements :class:`~backlinkbot.extract.html.protocols.DocumentLike`."""

    __slots__ = ("_roots", "_sheets", "_templates", "_thinned", "encoding", "is_cut")

    def __init__(self, body: bytes, charset: str = "") -> None:
        """Parses the page; never raises.

        Args:
            body: the page, content encodings undone.
            charset: the charset parameter of its ``Content-Type``; one that no browser knows counts as none.
        """
        whole, body = body, within_limits(body)
        self.is_cut = body is not whole
        """True if only the beginning was read."""
        tree = _parse(body, charset)
        self._set_up(tree, tree.encoding or FALLBACK_ENCODING, has_shadows=b"shadowrootmode" in body.lower())

    def _set_up(self, tree: turbohtml.Document, encoding: str, *, has_shadows: bool) -> None:
        """Removes templates, scripts and style sheets from the tree."""
        self.encoding: str = encoding
        """The name in the Encoding Standard, upper or lower case as there: ``UTF-8``, ``windows-1251``."""
        self._roots: list[turbohtml.Document | turbohtml.ShadowRoot] = [tree]
        self._sheets: list[Element] = []
        self._templates: list[Element] = []
        self._thinned: set[object] = set()
        for root in self._roots:  # grows while it is walked: shadow trees may hold shadow trees
            for element in list(root.iter_elements(_INERT)):
                is_html = self._is_html(element)
                if element.tag == "template" and is_html:
                    self._templates.append(element)
                elif element.tag == "style" and root is tree and element.closest("noscript,template") is None:
                    self._sheets.append(element)
                if is_html or element.tag != "template":
                    self._thinned.add(element.parent)
                    element.extract()
            if has_shadows:
                shadows = map(_shadow_root, root.iter_elements())
                self._roots += [shadow for shadow in shadows if shadow is not None]

    @staticmethod
    def _is_html(element: Element) -> bool:
        return element.namespace is turbohtml.Namespace.HTML

    def elements(self, *tags: str) -> Iterator[Element]:
        """Yields the elements with these local names in tree order; those of declarative shadow trees come last."""
        for root in self._roots:
            yield from root.iter_elements(tags)

    def html_elements(self, *tags: str) -> Iterator[Element]:
        """Yields the same without elements of SVG and MathML."""
        return filter(self._is_html, self.elements(*tags))

    def own_elements(self, *tags: str) -> Iterator[Element]:
        """Yields the HTML elements with these names outside shadow trees."""
        return filter(self._is_html, self._roots[0].iter_elements(tags))

    def shadow_elements(self, *tags: str) -> set[Element]:
        """Returns the elements in shadow trees."""
        return {element for root in self._roots[1:] for element in root.iter_elements(tags)}

    def parent(self, element: ElementLike, /) -> Element | None:
        """Returns the parent element; for the top of a shadow tree, its host; None for ``<html>``."""
        around = cast("Element", element).parent
        if isinstance(around, turbohtml.ShadowRoot):
            around = around.host
        return around if isinstance(around, Element) else None

    def nodes(self, element: ElementLike, /) -> Iterator[Element | str]:
        """Yields its children in order: elements, and texts as strings; no comments, no shadow tree."""
        for node in _children(cast("Element", element)):
            if isinstance(node, Element):
                yield node
            elif isinstance(node, turbohtml.Text):
                yield node.data

    def below(self, element: ElementLike, /) -> Iterator[tuple[Element | str, Element]]:
        """Yields all nodes below it in tree order, each with its parent: the object that was yielded or given before it."""
        parent: Any  # it is an element; a cast would be a call for each node of a page
        for node in cast("Element", element).descendants:
            if isinstance(node, Element):
                parent = node.parent
                yield node, parent
            elif isinstance(node, turbohtml.Text):
                parent = node.parent
                yield node.data, parent

    def tops(self) -> Iterator[Element]:
        """Yields ``<html>``, then the top elements of each shadow tree."""
        return (node for root in self._roots for node in _children(root) if isinstance(node, Element))

    def elements_inside(self, container: str, *tags: str) -> set[Element]:
        """Returns the elements below a ``container``; linear in the page, however containers nest."""
        found: set[Element] = set()
        for outer in self.elements(container):
            if outer not in found:
                found.update(outer.iter_elements((container, *tags)))
        return found

    def matches(self, element: ElementLike, selector: str, /) -> bool | None:
        """True if a CSS selector matches; None if the parser does not know it, or if what it depends on was removed."""
        own = cast("Element", element)
        if own in self._thinned or own.parent in self._thinned:
            return None
        try:
            return own.matches(selector)
        except turbohtml.SelectorSyntaxError:
            return None

    def is_thinned(self, element: ElementLike, /) -> bool:
        """True if a template, script or style sheet was removed from an element's children."""
        return element in self._thinned

    def style_sheets(self) -> list[str]:
        """Returns the texts of applied ``<style>`` elements of the document, without shadow trees."""
        return [sheet.text for sheet in self._sheets if applies(sheet)]

    def comments(self) -> Iterator[str]:
        """Yields the texts of all comments in tree order; those of shadow trees come last."""
        for root in self._roots:
            for comment in turbohtml.NodeIterator(root, turbohtml.NodeFilter.SHOW_COMMENT):
                if isinstance(comment, turbohtml.Comment):
                    yield comment.data

    def template_elements(self, *tags: str) -> Iterator[Element]:
        """Yields the elements with these local names in templates, which are not part of the page."""
        return (element for template in self._templates for element in template.iter_elements(tags))

    @property
    def root(self) -> Element | None:
        """The ``<html>`` element."""
        tree = self._roots[0]
        return tree.root if isinstance(tree, turbohtml.Document) else None


def _parse(body: bytes, charset: str) -> turbohtml.Document:
    """Chooses the encoding (byte order mark, header, ``<meta>``, XML declaration, fallback) and parses."""
    for label in (charset, utf_16_of(body)):
        if label:
            with suppress(LookupError, ValueError):  # ValueError: a lone surrogate
                return turbohtml.parse(body, encoding=label, positions=False)
    tree = turbohtml.parse(body, positions=False)
    # A <meta> may name the replacement encoding, which leaves no links; turbohtml calls that tentative, a guess never is.
    if tree.encoding_confidence != "tentative" or tree.encoding == "replacement":
        return tree
    label = xml_label(body)
    if label:
        with suppress(LookupError, ValueError):
            declared = turbohtml.parse(body, encoding=label, positions=False)
            is_utf_16 = (declared.encoding or "").startswith("UTF-16")  # said in ASCII, so it is not
            return turbohtml.parse(body, encoding="UTF-8", positions=False) if is_utf_16 else declared
    if tree.encoding == FALLBACK_ENCODING:
        return tree
    return turbohtml.parse(body, encoding=FALLBACK_ENCODING, positions=False)


def _children(node: turbohtml.Node) -> Iterator[turbohtml.Node]:
    """Yields the child nodes one by one; ``children`` makes a tuple of them all, 60 MB for 600,000 siblings."""
    first = next(node.descendants, None)
    if first is not None:
        yield first
        yield from first.next_siblings


def _shadow_root(element: Element) -> turbohtml.ShadowRoot | None:
    """Returns the element's shadow tree, open or closed: a closed one is hidden from scripts only."""
    if element.shadow_root is not None:
        return element.shadow_root
    parents = (child.parent for child in element.flattened_children)
    return next((parent for parent in parents if isinstance(parent, turbohtml.ShadowRoot)), None)
