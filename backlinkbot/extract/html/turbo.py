"""A page as turbohtml parses it: a C parser that follows the standard's tree construction and that no page stalls."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

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
    """What :class:`~backlinkbot.extract.html.protocols.DocumentLike` promises, whatever the page."""

    __slots__ = ("_roots", "_sheets", "_templates", "encoding", "is_cut")

    def __init__(self, body: bytes, charset: str = "") -> None:
        """Parse; never raises, whatever the bytes.

        Args:
            body: the page, content encodings undone.
            charset: the charset parameter of its ``Content-Type``; one that no browser knows counts as none.
        """
        whole, body = body, within_limits(body)
        self.is_cut = body is not whole
        """Whether only the beginning was read."""
        tree = _parse(body, charset)
        self._set_up(tree, tree.encoding or FALLBACK_ENCODING, has_shadows=b"shadowrootmode" in body.lower())

    def _set_up(self, tree: turbohtml.Document, encoding: str, *, has_shadows: bool) -> None:
        """Take what is inert out of a tree."""
        self.encoding: str = encoding
        """The name in the Encoding Standard, upper or lower case as there: ``UTF-8``, ``windows-1251``."""
        self._roots: list[turbohtml.Document | turbohtml.ShadowRoot] = [tree]
        self._sheets: list[Element] = []
        self._templates: list[Element] = []
        for root in self._roots:  # grows while it is walked: shadow trees may hold shadow trees
            for element in list(root.iter_elements(_INERT)):
                is_html = self._is_html(element)
                if element.tag == "template" and is_html:
                    self._templates.append(element)
                elif element.tag == "style" and root is tree and element.closest("noscript,template") is None:
                    self._sheets.append(element)
                if is_html or element.tag != "template":
                    element.extract()
            if has_shadows:
                shadows = map(_shadow_root, root.iter_elements())
                self._roots += [shadow for shadow in shadows if shadow is not None]

    @staticmethod
    def _is_html(element: Element) -> bool:
        return element.namespace is turbohtml.Namespace.HTML

    def elements(self, *tags: str) -> Iterator[Element]:
        """Every element with one of these local names, in tree order; those of declarative shadow trees come last."""
        for root in self._roots:
            yield from root.iter_elements(tags)

    def html_elements(self, *tags: str) -> Iterator[Element]:
        """The same without SVG's and MathML's elements of that name."""
        return filter(self._is_html, self.elements(*tags))

    def own_elements(self, *tags: str) -> Iterator[Element]:
        """HTML's elements of that name outside shadow trees."""
        return filter(self._is_html, self._roots[0].iter_elements(tags))

    def shadow_elements(self, *tags: str) -> set[Element]:
        """Those in shadow trees."""
        return {element for root in self._roots[1:] for element in root.iter_elements(tags)}

    def parent(self, element: ElementLike, /) -> Element | None:
        """The element around it; for what stands at the top of a shadow tree, the tree's host; None for ``<html>``."""
        around = cast("Element", element).parent
        if isinstance(around, turbohtml.ShadowRoot):
            around = around.host
        return around if isinstance(around, Element) else None

    def nodes(self, element: ElementLike, /) -> Iterator[Element | str]:
        """What stands directly in it, in order: elements, and texts as strings; no comments, no shadow tree."""
        for node in cast("Element", element).children:
            if isinstance(node, Element):
                yield node
            elif isinstance(node, turbohtml.Text):
                yield node.data

    def tops(self) -> Iterator[Element]:
        """``<html>``, then what stands at the top of each shadow tree."""
        return (node for root in self._roots for node in root.children if isinstance(node, Element))

    def elements_inside(self, container: str, *tags: str) -> set[Element]:
        """Those below an element named ``container``; linear in the page, however its containers nest."""
        found: set[Element] = set()
        for outer in self.elements(container):
            if outer not in found:
                found.update(outer.iter_elements((container, *tags)))
        return found

    def style_sheets(self) -> list[str]:
        """The texts of the document's ``<style>`` elements that a browser applies whatever its window; not of shadow trees."""
        return [sheet.text for sheet in self._sheets if applies(sheet)]

    def comments(self) -> Iterator[str]:
        """The texts of all comments, in tree order; those of shadow trees come last."""
        for root in self._roots:
            for comment in turbohtml.NodeIterator(root, turbohtml.NodeFilter.SHOW_COMMENT):
                if isinstance(comment, turbohtml.Comment):
                    yield comment.data

    def template_elements(self, *tags: str) -> Iterator[Element]:
        """The elements with one of these local names that stand in templates, and are no part of the page."""
        return (element for template in self._templates for element in template.iter_elements(tags))

    @property
    def root(self) -> Element | None:
        """The ``<html>`` element."""
        tree = self._roots[0]
        return tree.root if isinstance(tree, turbohtml.Document) else None


def _parse(body: bytes, charset: str) -> turbohtml.Document:
    """Byte order mark, header, ``<meta>``, XML declaration, fallback: the first that says something known."""
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


def _shadow_root(element: Element) -> turbohtml.ShadowRoot | None:
    """The element's shadow tree; a closed one too, which is hidden from scripts and not from readers."""
    if element.shadow_root is not None:
        return element.shadow_root
    parents = (child.parent for child in element.flattened_children)
    return next((parent for parent in parents if isinstance(parent, turbohtml.ShadowRoot)), None)
