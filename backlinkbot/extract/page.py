"""Extracts the links of an HTML page: every ``<a href>`` and ``<area href>``, as a browser lists and resolves them.

A link inside ``<template>`` is inert and is none; one inside ``<noscript>`` is, with the flag ``noscript``; one in a
declarative shadow tree is, with the flag ``shadow``.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from propcache.api import cached_property

from backlinkbot import urls
from backlinkbot.extract import flags, page_metadata
from backlinkbot.extract.anchor_text import AnchorTexts
from backlinkbot.extract.html import DEEPEST, Document, DocumentLike, ElementLike, Parser, flattened, parse_xhtml
from backlinkbot.extract.link import Link, anchor_of_attributes, link_type
from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.extract.placement import NOT_ON_PAGE, LinkContext
from backlinkbot.extract.placement.page_layout import PageLayout
from backlinkbot.extract.references import (
    ManyReferences,
    MatchingReference,
    Reference,
    count_references,
    matching_references,
    read_references,
)
from backlinkbot.extract.robots_directives import rel_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from backlinkbot.extract.page_metadata import Refresh, Relation
    from backlinkbot.urls import URL

T = TypeVar("T")

UNREAD: Final = "unread"
"""The flag of a link whose anchor was not read, because it contains another link, after ``MAX_NESTING`` such links or
``MAX_NESTED_ELEMENTS`` elements."""
MOST_KEPT: Final = 10_000
"""The number of references up to which a page's are kept; those of a page with more are read anew whenever they are needed."""
MAX_NESTING: Final = 100
"""The number of links within links that are read; more of them are a mistake or a trap that would take hours."""
MAX_NESTED_ELEMENTS: Final = 50_000
"""The elements of a page that are visited for anchors before links within links are left unread: half a second's work."""

LONGEST_BASE: Final = 2_048
"""The maximum number of characters of a page's base, which each of its relative links repeats; a longer one counts as none."""
_STRUCTURE: Final = re.compile(rb"<(?:html|head|body|[a-z]+:html)[\s/>]", re.IGNORECASE)


class PageContent:
    """A parsed page: its links and metadata. It is parsed once; the rest is computed on first use."""

    def __init__(
        self,
        body: bytes,
        url: str | URL,
        charset: str = "",
        parse: Parser = Document,
        *,
        hidden_mark: str = "",
        refresh_header: str = "",
    ) -> None:
        """Parses the page; never raises for anything on it.

        Args:
            body: the page, content encodings undone.
            url: where it was found, after redirects; parsed unless the caller has parsed it.
            charset: the charset parameter of its ``Content-Type`` header.
            parse: by which parser.
            hidden_mark: the attribute in which a browser has said which links it hides; empty where none has.
            refresh_header: its ``Refresh`` header; empty where there is none.

        Raises:
            ValueError: ``url`` is no absolute URL.
        """
        page_url = urls.parse(url) if isinstance(url, str) else url
        if page_url is None:
            raise ValueError(f"no absolute URL: {url!r}")
        self.url: URL = page_url
        self.size: int = len(body)
        """The number of bytes that were parsed."""
        self._has_structure = _STRUCTURE.search(body) is not None or b"\0" in body[:4]  # UTF-16 is not looked into
        self.document: DocumentLike = parse(body, charset)
        may_be_deep = parse is not parse_xhtml and body.count(b"<") - body.count(b"</") >= DEEPEST
        self._deep = (body, charset, parse, hidden_mark) if may_be_deep else None
        """The page to parse again if a wanted link is nested too deeply."""
        self.remarks = flags.FlagFinder(self.document, hidden_mark)
        self._anchors = _anchor_texts(self.document, self.remarks)
        self._parse = parse if parse is not parse_xhtml else Document  # of its parts, which are HTML
        self._refresh_header = refresh_header
        self._resolved: dict[str, URL | None] = {}

    def part(self, markup: str) -> PageContent:
        """Parses markup of the page as a document of its own, as a frame's ``srcdoc`` is, with the page's base and encoding."""
        part = PageContent(markup.encode("utf-8", "replace"), self.base_url.href, "utf-8", self._parse)
        part.document.encoding = self.encoding
        return part

    @property
    def encoding(self) -> str:
        """The encoding that a browser chooses: BOM, header, meta, fallback."""
        return self.document.encoding

    @property
    def is_cut(self) -> bool:
        """True if only the beginning of the page was read, as the whole exceeds the limits."""
        return self.document.is_cut

    @cached_property
    def base_url(self) -> URL:
        """The first ``<base href>`` resolved against the page's URL, else that URL.

        https://html.spec.whatwg.org/multipage/semantics.html#set-the-frozen-base-url: a base that does not parse, or
        is ``data:`` or ``javascript:``, counts as none; to us an endless one, too.
        """
        for element in self.document.own_elements("base"):
            href = element.attr("href")
            if href is not None:
                base = urls.resolve(href, self.url, self.encoding)
                if base is None or base.protocol in {"data:", "javascript:"} or len(base.href) > LONGEST_BASE:
                    break
                return base
        return self.url

    def read_ahead(self) -> None:
        """Computes what the page is asked for later, where that may take long."""
        _ = self.count_links(), self.canonical_url, self.metas, self.language, self.title, self.refresh

    def first_words_of(self, element: ElementLike, most: int) -> str:
        """Returns at most so many characters of an element's text, hidden or not; takes time for no more than these."""
        read, left = [], most
        levels = [self.document.nodes(element)]
        for _ in range(most):  # elements without a text are read likewise
            node = next(levels[-1], None)
            if node is None:
                levels.pop()
                if not levels:
                    break
            elif isinstance(node, str):
                read.append(node[:left])
                left -= len(node)
                if left <= 0:
                    break
            else:
                levels.append(self.document.nodes(node))
        return "".join(read)

    def words_of(self, element: ElementLike) -> str:
        """Returns the visible text of an element, see :mod:`backlinkbot.extract.anchor_text`."""
        return self._anchors.text(element)

    @cached_property
    def references(self) -> Sequence[Reference]:
        """Every ``a`` and ``area`` with an href, in tree order, whatever its scheme."""
        elements = self.document.elements("a", "area")
        references = read_references(elements, self.resolve)
        found = list(islice(references, MOST_KEPT + 1))
        if len(found) <= MOST_KEPT:
            return found
        self._resolved.clear()
        del found, references
        return ManyReferences(
            self.document,
            partial(urls.resolve, base=self.base_url, encoding=self.encoding),
            urls.registrable_domain(self.url.hostname),
        )

    def spread_references(self, most: int) -> Sequence[Reference]:
        """Returns at most so many references, spread evenly over the page."""
        references = self.references
        count = len(references)
        if count <= most:
            return references
        numbers = [at * count // most for at in range(most)]
        if isinstance(references, ManyReferences):
            return references.at(numbers)
        return [references[number] for number in numbers]

    def resolve(self, raw_href: str) -> URL | None:
        """Resolves a reference of the page; None if that fails."""
        try:
            return self._resolved[raw_href]
        except KeyError:
            url = self._resolved[raw_href] = urls.resolve(raw_href, self.base_url, self.encoding)
            return url

    @property
    def linked_urls(self) -> Iterable[URL]:
        """The http(s) URLs that the page links to, each spelling once."""
        if isinstance(self.references, ManyReferences):
            return (url for url, _ in self.leads)
        return [url for url in self._resolved.values() if url is not None and urls.is_web(url)]

    @cached_property
    def linked_hosts(self) -> frozenset[str]:
        """The hosts of those URLs; of a page with more than ``MOST_KEPT`` links, the hosts of so many."""
        if not isinstance(self.references, ManyReferences):
            return frozenset(url.hostname for url in self.linked_urls)
        first = (reference.url for reference in islice(self.references, MOST_KEPT))
        return frozenset(url.hostname for url in first if url is not None and urls.is_web(url))

    @property
    def leads(self) -> Iterator[tuple[URL, ElementLike]]:
        """Yields the same URLs with the first element of each spelling; anchors are not read."""
        seen: set[int] = set()  # hashes, as a page may have a megabyte of different references
        for reference in self.references:
            spelling = hash(reference.raw_href)
            if spelling in seen:
                continue
            seen.add(spelling)
            if reference.url is not None and urls.is_web(reference.url):
                yield reference.url, reference.element

    def links(self, wanted: Callable[[URL], object] = urls.is_web) -> Iterator[Link]:
        """Yields the http(s) links whose URL is wanted (by default all), without flags."""
        return (self._read(found) for found in self._find(lambda url: (url,) if wanted(url) else ()))

    def all_links(self) -> list[Link]:
        """Returns every http(s) link with its flags, without a limit."""
        return [self._flagged(found) for found in self._find(lambda url: (url,) if urls.is_web(url) else ())]

    def links_to(
        self,
        match: Callable[[URL], tuple[T, ...]],
        bound: LinkBound | None = None,
        target_of: Callable[[T], Hashable] = lambda found: found,
    ) -> Iterator[tuple[Link, tuple[T, ...]]]:
        """Yields the links whose URL ``match`` accepts, complete with flags and context, and what it returned.

        Args:
            match: what a URL leads to.
            bound: of the links that are read; those beyond it are left to the caller. None: the default, and they come last.
            target_of: the target of what it found, for the bound.
        """
        own = LinkBound() if bound is None else bound
        for found in self._find(match, own, target_of):
            around = self.layout.context_of(found.reference.element, found.position)
            yield self._flagged(found, around), found.matches
        if bound is None:
            yield from own.rest()

    @cached_property
    def layout(self) -> PageLayout:
        """The layout of the page; built only for pages with links to targets."""
        references = self.references
        return PageLayout(self.document, self.url, (reference.url for reference in references), self.title)

    def links_among(
        self, elements: Iterable[ElementLike], match: Callable[[URL], tuple[T, ...]], bound: LinkBound | None = None
    ) -> Iterator[tuple[Link, tuple[T, ...]]]:
        """Yields the matching links among these elements, which may be off the page; they have no context.

        Args:
            elements: the elements.
            match: what a URL leads to.
            bound: of the links that are read; those beyond it are left to the caller. None: all are read.
        """
        references = read_references(elements, self._resolve)
        for found in matching_references(references, match, bound):
            yield self._flagged(found), found.matches

    def _find(
        self,
        match: Callable[[URL], tuple[T, ...]],
        bound: LinkBound | None = None,
        target_of: Callable[[T], Hashable] = lambda found: found,
    ) -> Iterable[MatchingReference[T]]:
        if self._deep is None:
            return matching_references(self.references, match, bound, target_of)
        before = bound.copy() if bound is not None else None
        found: list[MatchingReference[T]] = []
        depths: dict[ElementLike, int] = {}
        for one in matching_references(self.references, match, bound, target_of):
            if self._is_too_deep(one.reference.element, depths):
                break
            found.append(one)
        else:
            return found
        del one, found, depths  # what they hold keeps the tree
        self._flatten(*self._deep)
        if bound is not None and before is not None:
            bound.become(before)
        return matching_references(self.references, match, bound, target_of)

    def _is_too_deep(self, element: ElementLike, depths: dict[ElementLike, int]) -> bool:
        """True if it is below the depth up to which parsers build trees, where its content may be misplaced.

        Args:
            element: the element.
            depths: of elements that were asked about before.
        """
        path: list[ElementLike] = []
        around = self.document.parent(element)
        while around is not None and around not in depths:
            path.append(around)
            around = self.document.parent(around)
        depth = depths[around] if around is not None else 0
        for inner in reversed(path):
            depth += 1
            depths[inner] = depth
        return depth >= DEEPEST - 3

    def _flatten(self, body: bytes, charset: str, parse: Parser, hidden_mark: str) -> None:
        """Parses the page again without the boxes that are too deep."""
        self._deep = None
        for known in ("references", "layout", "base_url", "title", "_link_counts"):
            self.__dict__.pop(known, None)
        self._read_document(parse(b""), hidden_mark)  # one tree at a time: the first is freed
        self._read_document(parse(flattened(body), charset), hidden_mark)

    def _read_document(self, document: DocumentLike, hidden_mark: str) -> None:
        self.document = document
        self.remarks = flags.FlagFinder(self.document, hidden_mark)
        self._anchors = _anchor_texts(self.document, self.remarks)

    def _read(
        self, found: MatchingReference[T], flagged: flags.Flagged = (), context: LinkContext = NOT_ON_PAGE
    ) -> Link:
        reference = found.reference
        element = reference.element
        is_readable = not found.nesting or (
            found.nesting <= MAX_NESTING and self._anchors.visited_elements <= MAX_NESTED_ELEMENTS
        )
        anchor, source = self._anchor(element) if is_readable else ("", "")
        rel = element.attr("rel")
        own_flags = () if is_readable else (UNREAD,)
        return Link(
            raw_href=reference.raw_href,
            url=reference.url.href if reference.url is not None else "",
            anchor=anchor,
            anchor_source=source,
            link_type=link_type(element, source) if is_readable else "text",
            rel=rel_tokens(rel) if rel else (),
            flags=(*flags.named(flagged), *own_flags) if flagged else own_flags,
            flags_by=flags.shown(flagged) if flagged else (),
            context=context,
        )

    def _anchor(self, element: ElementLike) -> tuple[str, str]:
        text = self.words_of(element)
        return (text, "text") if text else anchor_of_attributes(element)

    def _flagged(self, found: MatchingReference[T], context: LinkContext = NOT_ON_PAGE) -> Link:
        return self._read(found, self.remarks.of(found.reference.element), context)

    def count_links(self) -> tuple[int, int]:
        """How many http(s) links lead to another registrable domain, and how many to the page's own."""
        return self._link_counts

    @cached_property
    def _link_counts(self) -> tuple[int, int]:
        """How many http(s) links lead to another registrable domain, and how many to the page's own."""
        references = self.references
        if isinstance(references, ManyReferences):
            return references.counts()
        return count_references(references, urls.registrable_domain(self.url.hostname))

    @cached_property
    def refresh(self) -> Refresh | None:
        """The page's refresh; None if it has none, see :func:`backlinkbot.extract.page_metadata.refresh_of`."""
        return page_metadata.refresh_of(self.document, self.url, self.encoding, self._resolve, self._refresh_header)

    @cached_property
    def title(self) -> str:
        """The first ``<title>``, white space collapsed, shortened to ``LONGEST_TITLE`` characters."""
        return page_metadata.title_of(self.document)

    @cached_property
    def language(self) -> str:
        """The ``lang`` of ``<html>``, else of ``<meta http-equiv=content-language>``; as written."""
        return page_metadata.language_of(self.document)

    @cached_property
    def canonical_url(self) -> str:
        """The canonical URL that the head declares, see :func:`backlinkbot.extract.page_metadata.canonical_of`; else empty."""
        return page_metadata.canonical_of(self.document, self.url, self._resolve, has_structure=self._has_structure)

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """The page's ``<link rel href>``, anywhere in the document."""
        return page_metadata.relations_of(self.document, self._resolve)

    @cached_property
    def metas(self) -> tuple[tuple[str, str], ...]:
        """Name and content of every ``<meta name>``, anywhere in the document."""
        return page_metadata.metas_of(self.document)

    def is_in_head(self, element: ElementLike) -> bool:
        """True if an element is in the document's head, as a browser builds it."""
        return page_metadata.is_in_head(self.document, element)

    def _resolve(self, raw_href: str) -> URL | None:
        """Resolves a reference that is no link of the page: it is not kept among those of :attr:`linked_urls`."""
        return urls.resolve(raw_href, self.base_url, self.encoding)


def _anchor_texts(document: DocumentLike, remarks: flags.FlagFinder) -> AnchorTexts:
    """Returns the anchor texts of a page."""
    # They do not refer to the page itself: that would be a reference cycle, and the tree of every page would stay in
    # memory until the next full garbage collection.
    return AnchorTexts(document, remarks.hiding.cascade)


def extract_links(body: bytes, url: str, charset: str = "") -> list[Link]:
    """Returns every http(s) link of a page, in tree order, with its flags.

    Args:
        body: the page, content encodings undone.
        url: where it was found.
        charset: the charset parameter of its ``Content-Type`` header; empty where there is none.
    """
    content = PageContent(body, url, charset)
    found = content.links_among(
        content.document.elements("a", "area"), lambda url: (url.href,) if urls.is_web(url) else ()
    )
    return [link for link, _ in found]
