"""The references of a page: every ``<a href>`` and ``<area href>``, resolved and not yet read, and those that match."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar, overload

from propcache.api import cached_property

from backlinkbot import urls
from backlinkbot.extract.link import Link, tag_type
from backlinkbot.extract.robots_directives import rel_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from backlinkbot.extract.html import DocumentLike, ElementLike
    from backlinkbot.extract.link_bound import LinkBound
    from backlinkbot.urls import URL

T = TypeVar("T")

MOST_ASKED: Final = 5_000
"""The number of references whose targets are kept, each with its URL."""


class Reference(NamedTuple):
    """A link that is not yet read: its element, its href as written, and the resolved URL (None if invalid)."""

    element: ElementLike
    raw_href: str
    url: URL | None


@dataclass(frozen=True, slots=True)
class MatchingReference(Generic[T]):
    """A reference that matches."""

    reference: Reference
    matches: tuple[T, ...]
    position: int
    """The number among the page's references, from 1."""
    nesting: int
    """Zero if it contains no other link; else the number of links of the page, up to this one, that do."""


def read_references(
    elements: Iterable[ElementLike], resolve: Callable[[str], URL | None], *, is_kept: bool = True
) -> Iterator[Reference]:
    """Yields the references of elements that have one.

    Args:
        elements: the elements, ``a`` and ``area``.
        resolve: resolves a reference as written; None if that fails.
        is_kept: True if the references are kept, so that equal spellings share one string.
    """
    written: dict[str, str] = {}  # one string for each way of writing, however many links have it
    for element in elements:
        raw_href = element.attr("href")
        if raw_href is None:
            raw_href = element.attr("xlink:href")  # an SVG link of before SVG 2
            if raw_href is None:
                continue
        if is_kept:
            raw_href = written.setdefault(raw_href, raw_href)
        yield Reference(element, raw_href, resolve(raw_href))


def _is_link(element: ElementLike) -> bool:
    return element.attr("href") is not None or element.attr("xlink:href") is not None


def count_references(references: Iterable[Reference], own: str) -> tuple[int, int]:
    """Counts the http(s) links to other registrable domains, and those to ``own``."""
    web = [one.url for one in references if one.url is not None and one.url.protocol in urls.WEB_PROTOCOLS]
    internal = sum(urls.registrable_domain(url.hostname) == own for url in web)
    return len(web) - internal, internal


class ManyReferences(Sequence[Reference]):
    """The references of a page that has too many to keep each: they are read and resolved anew."""

    def __init__(self, document: DocumentLike, resolve: Callable[[str], URL | None], own: str) -> None:
        self._document = document
        self._resolve = resolve
        self._own = own
        self._counts: tuple[int, int] | None = None

    @property
    def _elements(self) -> Iterator[ElementLike]:
        return filter(_is_link, self._document.elements("a", "area"))

    @cached_property
    def _length(self) -> int:
        return sum(1 for _ in self._elements)

    def __len__(self) -> int:
        return self._length

    def at(self, numbers: Iterable[int]) -> list[Reference]:
        """Returns the references with these numbers, in ascending order, in one pass over the page."""
        wanted = set(numbers)
        elements = (element for number, element in enumerate(self._elements) if number in wanted)
        return list(read_references(elements, self._resolve, is_kept=False))

    def __iter__(self) -> Iterator[Reference]:
        references = read_references(self._document.elements("a", "area"), self._resolve, is_kept=False)
        return references if self._counts is not None else self._counting(references)

    def _counting(self, references: Iterator[Reference]) -> Iterator[Reference]:
        """Yields the references, and counts them on the way, as most are read to the end once."""
        own, domain_of = self._own, urls.registrable_domain
        external = internal = 0
        for reference in references:
            url = reference.url
            if url is not None and url.protocol in urls.WEB_PROTOCOLS:
                host = url.hostname
                if own in host and domain_of(host) == own:  # the first is cheap, and few hosts need the second
                    internal += 1
                else:
                    external += 1
            yield reference
        self._counts = external, internal

    def counts(self) -> tuple[int, int]:
        """Counts the http(s) links to other registrable domains, and those to the page's own."""
        if self._counts is None:
            deque(iter(self), maxlen=0)
        return self._counts or (0, 0)

    @overload
    def __getitem__(self, index: int) -> Reference: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Reference]: ...

    def __getitem__(self, index: int | slice) -> Reference | Sequence[Reference]:
        found = self.at(range(len(self))[index] if isinstance(index, slice) else (range(len(self))[index],))
        return found if isinstance(index, slice) else found[0]


def matching_references(
    references: Iterable[Reference],
    match: Callable[[URL], tuple[T, ...]],
    bound: LinkBound | None = None,
    target_of: Callable[[T], Hashable] = lambda found: found,
) -> Iterator[MatchingReference[T]]:
    """Yields the references that lead to something, without those beyond the bound."""
    found: dict[str, tuple[T, ...]] = {}  # each way of writing is asked once
    nesting = 0
    for position, reference in enumerate(references, 1):
        if reference.url is None:
            continue
        matches = found.get(reference.raw_href)
        if matches is None:
            matches = match(reference.url)
            if len(found) < MOST_ASKED:
                found[reference.raw_href] = matches
        if matches:
            if bound is not None and not bound.admits(
                matches, tag_type(reference.element), partial(_unread, reference), target_of
            ):
                continue
            is_nested = next(reference.element.iter_elements(("a", "area")), None) is not None
            nesting += is_nested
            yield MatchingReference(reference, matches, position, nesting if is_nested else 0)


def _unread(reference: Reference) -> Link:
    """Returns a link of what its tag alone says."""
    return Link(
        raw_href=reference.raw_href,
        url=reference.url.href if reference.url is not None else "",
        anchor="",
        anchor_source="",
        link_type=tag_type(reference.element),
        rel=rel_tokens(reference.element.attr("rel") or ""),
    )
