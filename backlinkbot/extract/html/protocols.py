"""What a parsed page offers, whichever parser made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Protocol


class ElementLike(Protocol):
    """An element of a page; equal only to itself, and hashable."""

    @property
    def tag(self) -> str:
        """The local name: in lower case if it is HTML's."""

    @property
    def text(self) -> str:
        """All text below it, in tree order."""

    def attr(self, name: str, /) -> str | None:
        """The attribute's value, ``xlink:href`` and the like by their prefix; None where there is no such attribute."""

    def iter_elements(self, tags: str | Iterable[str], /) -> Iterator[ElementLike]:
        """The elements below it with one of these local names, in tree order."""


class DocumentLike(Protocol):
    """A parsed page without what is inert: template contents, scripts and style sheets are gone, comments are no text."""

    encoding: str
    """The name in the Encoding Standard, upper or lower case as there: ``UTF-8``, ``windows-1251``."""

    is_cut: bool
    """Whether only the beginning of the page was read, as the whole would have exhausted us."""

    @property
    def root(self) -> ElementLike | None:
        """The ``<html>`` element."""

    def elements(self, *tags: str) -> Iterator[ElementLike]:
        """Every element with one of these local names, in tree order; those of declarative shadow trees come last."""

    def html_elements(self, *tags: str) -> Iterator[ElementLike]:
        """The same without SVG's and MathML's elements of that name."""

    def own_elements(self, *tags: str) -> Iterator[ElementLike]:
        """HTML's elements of that name outside shadow trees."""

    def shadow_elements(self, *tags: str) -> AbstractSet[ElementLike]:
        """Those in shadow trees."""

    def parent(self, element: ElementLike, /) -> ElementLike | None:
        """The element around it; for what stands at the top of a shadow tree, the tree's host; None for ``<html>``."""

    def nodes(self, element: ElementLike, /) -> Iterator[ElementLike | str]:
        """What stands directly in it, in order: elements, and texts as strings; no comments, no shadow tree."""

    def tops(self) -> Iterator[ElementLike]:
        """``<html>``, then what stands at the top of each shadow tree."""

    def style_sheets(self) -> list[str]:
        """The texts of the document's ``<style>`` elements that a browser applies whatever its window; not of shadow trees."""

    def comments(self) -> Iterator[str]:
        """The texts of all comments, in tree order; those of shadow trees come last."""

    def template_elements(self, *tags: str) -> Iterator[ElementLike]:
        """The elements with one of these local names that stand in templates, and are no part of the page."""

    def elements_inside(self, container: str, *tags: str) -> AbstractSet[ElementLike]:
        """Those below an element named ``container``; linear in the page, however its containers nest."""


class Parser(Protocol):
    """Bytes -> a parsed page; never raises, whatever the bytes."""

    def __call__(self, body: bytes, charset: str = "") -> DocumentLike:
        """Parse.

        Args:
            body: the page, content encodings undone.
            charset: the charset parameter of its ``Content-Type``; one that no browser knows counts as none.
        """
