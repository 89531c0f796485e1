"""The protocols of a parsed page, the same for every parser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Protocol


class ElementLike(Protocol):
    """An element of a page; equal only to itself, and hashable."""

    @property
    def tag(self) -> str:
        """The local name; in lower case for HTML."""

    @property
    def text(self) -> str:
        """The text of all descendants, in tree order."""

    def attr(self, name: str, /) -> str | None:
        """Returns an attribute's value, with prefix for ``xlink:href`` and the like; None if it is missing."""

    def iter_elements(self, tags: str | Iterable[str], /) -> Iterator[ElementLike]:
        """Yields the descendants with these local names in tree order."""


class DocumentLike(Protocol):
    """A parsed page without template contents, scripts and style sheets; comments are not text."""

    encoding: str
    """The name in the Encoding Standard, upper or lower case as there: ``UTF-8``, ``windows-1251``."""

    is_cut: bool
    """True if only the beginning of the page was read, as the whole exceeds the limits."""

    @property
    def root(self) -> ElementLike | None:
        """The ``<html>`` element."""

    def elements(self, *tags: str) -> Iterator[ElementLike]:
        """Yields the elements with these local names in tree order; those of declarative shadow trees come last."""

    def html_elements(self, *tags: str) -> Iterator[ElementLike]:
        """Yields the same without elements of SVG and MathML."""

    def own_elements(self, *tags: str) -> Iterator[ElementLike]:
        """Yields the HTML elements with these names outside shadow trees."""

    def shadow_elements(self, *tags: str) -> AbstractSet[ElementLike]:
        """Returns the elements in shadow trees."""

    def parent(self, element: ElementLike, /) -> ElementLike | None:
        """Returns the parent element; for the top of a shadow tree, its host; None for ``<html>``."""

    def nodes(self, element: ElementLike, /) -> Iterator[ElementLike | str]:
        """Yields its children in order: elements, and texts as strings; no comments, no shadow tree."""

    def below(self, element: ElementLike, /) -> Iterator[tuple[ElementLike | str, ElementLike]]:
        """Yields all nodes below it in tree order, each with its parent: the object that was yielded or given before it."""

    def tops(self) -> Iterator[ElementLike]:
        """Yields ``<html>``, then the top elements of each shadow tree."""

    def matches(self, element: ElementLike, selector: str, /) -> bool | None:
        """True if a CSS selector matches; None if the parser does not know it, or if what it depends on was removed."""

    def is_thinned(self, element: ElementLike, /) -> bool:
        """True if a template, script or style sheet was removed from an element's children."""

    def style_sheets(self) -> list[str]:
        """Returns the texts of applied ``<style>`` elements of the document, without shadow trees."""

    def comments(self) -> Iterator[str]:
        """Yields the texts of all comments in tree order; those of shadow trees come last."""

    def template_elements(self, *tags: str) -> Iterator[ElementLike]:
        """Yields the elements with these local names in templates, which are not part of the page."""

    def elements_inside(self, container: str, *tags: str) -> AbstractSet[ElementLike]:
        """Returns the elements below a ``container``; linear in the page, however containers nest."""


class Parser(Protocol):
    """A parser: takes bytes, returns a parsed page, and never raises."""

    def __call__(self, body: bytes, charset: str = "") -> DocumentLike:
        """Parses the page.

        Args:
            body: the page, content encodings undone.
            charset: the charset parameter of its ``Content-Type``; one that no browser knows counts as none.
        """
