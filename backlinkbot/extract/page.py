"""Extracts the links of an HTML page: every ``<a href>`` and ``<area href>``, as a browser lists and resolves them.

A link inside ``<template>`` is inert and is none; one inside ``<noscript>`` is, with the flag ``noscript``; one in a
declarative shadow tree is, with the flag ``shadow``.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar, overload

from propcache.api import cached_property

from backlinkbot import urls
from backlinkbot.extract import flags
from backlinkbot.extract.anchor_text import AnchorTexts
from backlinkbot.extract.html import DEEPEST, Document, DocumentLike, ElementLike, Parser, flattened, parse_xhtml
from backlinkbot.extract.link_bound import MORE, LinkBound
from backlinkbot.extract.placement import NOT_ON_PAGE, LinkContext
from backlinkbot.extract.placement.page_layout import PageLayout
from backlinkbot.extract.robots_directives import rel_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from backlinkbot.urls import URL

T = TypeVar("T")

UNREAD: Final = "unread"
"""The flag of a link whose anchor was not read, because it contains another link, after ``MAX_NESTING`` such links or
``MAX_NESTED_ELEMENTS`` elements."""
MOST_KEPT: Final = 10_000
"""The number of references up to which a page's are kept; those of a page with more are read anew whenever they are needed."""
MOST_ASKED: Final = 5_000
"""The number of references whose targets are kept, each with its URL."""
MOST_RELATIONS: Final = 1_000
MAX_NESTING: Final = 100
"""The number of links within links that are read; more of them are a mistake or a trap that would take hours."""
MAX_NESTED_ELEMENTS: Final = 50_000
"""The elements of a page that are visited for anchors before links within links are left unread: half a second's work."""

# What every row of a page repeats is bounded: a megabyte of links on a page with a megabyte of title, or of base, would
# fill any disk and any memory.
LONGEST_TITLE: Final = 1_000
"""The maximum number of characters; search engines show about 60."""
LONGEST_LANGUAGE: Final = 35
"""The maximum number of characters; RFC 5646 §4.4.1 asks for support of as many, and no tag needs more."""
LONGEST_CANONICAL: Final = 4_096
"""The maximum number of characters; a longer one counts as none."""
_LONGEST_BASE: Final = 2_048

# https://html.spec.whatwg.org/multipage/semantics.html#shared-declarative-refresh-steps
_REFRESH: Final = re.compile(
    r"[ \t\n\f\r]*(?:(?P<seconds>[0-9]++)|(?=\.))[0-9.]*+(?:(?=[ \t\n\f\r;,])[ \t\n\f\r]*[;,]?[ \t\n\f\r]*(?P<rest>.*))?",
    re.DOTALL,
)
_STRUCTURE: Final = re.compile(rb"<(?:html|head|body|[a-z]+:html)[\s/>]", re.IGNORECASE)
_REFRESH_URL: Final = re.compile(r"url[ \t\n\f\r]*=[ \t\n\f\r]*", re.IGNORECASE)


def _refresh_reference(rest: str) -> str:
    """Returns the reference after the seconds and the separator; ``url=`` and quotes are optional."""
    reference = _REFRESH_URL.sub("", rest, count=1) if _REFRESH_URL.match(rest) else rest
    quote = reference[:1]
    return reference[1:].partition(quote)[0] if quote in {"'", '"'} else reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One ``<a href>`` or ``<area href>`` of a page: as written, and as a browser resolves it."""

    raw_href: str
    """The attribute's value, with character references decoded and nothing else changed."""
    url: str
    """The resolved URL, fragment kept."""
    anchor: str
    """The visible text, white space collapsed; empty if there is none."""
    anchor_source: str
    """``text``, ``alt``, ``aria-label``, ``title``; empty if the anchor is empty."""
    link_type: str
    """``text``, ``image`` or ``area``."""
    rel: tuple[str, ...]
    """The tokens as written, split on white space and commas."""
    flags: tuple[str, ...] = ()
    flags_by: tuple[str, ...] = field(default=(), compare=False)
    """The evidence for the flags: ``flag:evidence``."""
    via: tuple[str, ...] = ()
    """The URLs that it passes through before ``url``, in order; one that was fetched is preceded by its status."""
    nofollow_by: tuple[str, ...] = ()
    """The rules at those URLs that make the link nofollow: ``via:meta:robots``."""
    has_vote: bool = True
    """True if links of its kind pass a vote, unless a rule makes them nofollow."""
    context: LinkContext = NOT_ON_PAGE
    number: int = field(default=1, compare=False)
    """The number of links on the page that it stands for."""

    def as_rest(self, number: int, evidence: str) -> Link:
        """Returns the link as one that stands for so many links beyond a bound."""
        return replace(self, flags=(*self.flags, MORE), flags_by=(*self.flags_by, evidence), number=number)


def collapse(text: str) -> str:
    """Returns the text with white space collapsed to single spaces and trimmed."""
    return " ".join(text.split())


class Reference(NamedTuple):
    """A link that is not yet read: its element, its href as written, and the resolved URL (None if invalid)."""

    element: ElementLike
    raw_href: str
    url: URL | None


@dataclass(frozen=True, slots=True)
class _Found(Generic[T]):
    """A reference that matches."""

    reference: Reference
    matches: tuple[T, ...]
    position: int
    """The number among the page's references, from 1."""
    nesting: int
    """Zero if it contains no other link; else the number of links of the page, up to this one, that do."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh that sends readers to another URL."""

    seconds: float
    url: URL
    written: str
    """The reference as written."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A ``<link>`` of a page with a web URL."""

    rel: tuple[str, ...]
    """In lower case."""
    media_type: str
    """Its ``type`` in lower case, without parameters; empty if it has none."""
    url: URL


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
                if base is None or base.protocol in {"data:", "javascript:"} or len(base.href) > _LONGEST_BASE:
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
        references = _references(elements, self.resolve)
        found = list(islice(references, MOST_KEPT + 1))
        if len(found) <= MOST_KEPT:
            return found
        self._resolved.clear()
        del found, references
        return _ManyReferences(
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
        if isinstance(references, _ManyReferences):
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
        if isinstance(self.references, _ManyReferences):
            return (url for url, _ in self.leads)
        return [url for url in self._resolved.values() if url is not None and urls.is_web(url)]

    @cached_property
    def linked_hosts(self) -> frozenset[str]:
        """The hosts of those URLs; of a page with more than ``MOST_KEPT`` links, the hosts of so many."""
        if not isinstance(self.references, _ManyReferences):
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
        references = _references(elements, lambda href: urls.resolve(href, self.base_url, self.encoding))
        for found in _wanted(references, match, bound):
            yield self._flagged(found), found.matches

    def _find(
        self,
        match: Callable[[URL], tuple[T, ...]],
        bound: LinkBound | None = None,
        target_of: Callable[[T], Hashable] = lambda found: found,
    ) -> Iterable[_Found[T]]:
        if self._deep is None:
            return _wanted(self.references, match, bound, target_of)
        before = bound.copy() if bound is not None else None
        found: list[_Found[T]] = []
        depths: dict[ElementLike, int] = {}
        for one in _wanted(self.references, match, bound, target_of):
            if self._is_too_deep(one.reference.element, depths):
                break
            found.append(one)
        else:
            return found
        del one, found, depths  # what they hold keeps the tree
        self._flatten(*self._deep)
        if bound is not None and before is not None:
            bound.become(before)
        return _wanted(self.references, match, bound, target_of)

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

    def _read(self, found: _Found[T], flagged: flags.Flagged = (), context: LinkContext = NOT_ON_PAGE) -> Link:
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
            link_type=_link_type(element, source) if is_readable else "text",
            rel=rel_tokens(rel) if rel else (),
            flags=(*flags.named(flagged), *own_flags) if flagged else own_flags,
            flags_by=flags.shown(flagged) if flagged else (),
            context=context,
        )

    def _anchor(self, element: ElementLike) -> tuple[str, str]:
        text = self.words_of(element)
        if text:
            return text, "text"
        for source, read in _ANCHOR_FALLBACKS:
            anchor = collapse(read(element))
            if anchor:
                return anchor, source
        return "", ""

    def _flagged(self, found: _Found[T], context: LinkContext = NOT_ON_PAGE) -> Link:
        return self._read(found, self.remarks.of(found.reference.element), context)

    def count_links(self) -> tuple[int, int]:
        """How many http(s) links lead to another registrable domain, and how many to the page's own."""
        return self._link_counts

    @cached_property
    def _link_counts(self) -> tuple[int, int]:
        """How many http(s) links lead to another registrable domain, and how many to the page's own."""
        references = self.references
        if isinstance(references, _ManyReferences):
            return references.counts()
        return _counts(references, urls.registrable_domain(self.url.hostname))

    @cached_property
    def refresh(self) -> Refresh | None:
        """Returns the page's refresh: from its ``Refresh`` header, else from its first ``<meta http-equiv=refresh>``.

        None where it has none, or one that leads to itself. One in ``<noscript>`` sends nobody on who reads the page in a
        browser. The header's address begins at the page, whatever its ``<base>``.
        """
        rule = _REFRESH.fullmatch(self._refresh_header)
        if rule is not None:
            return self._sends(rule, self.url)
        unseen: AbstractSet[ElementLike] | None = None
        for element in self.document.own_elements("meta"):
            if (element.attr("http-equiv") or "").lower() != "refresh":
                continue
            rule = _REFRESH.fullmatch(element.attr("content") or "")
            if rule is not None and unseen is None:
                unseen = self.document.elements_inside("noscript", "meta")
            if rule is not None and element not in (unseen or ()):
                return self._sends(rule, self.base_url)
        return None

    def _sends(self, rule: re.Match[str], base: URL) -> Refresh | None:
        if not rule["rest"]:
            return None
        reference = _refresh_reference(rule["rest"])
        target = urls.resolve(reference, base, self.encoding)
        if target is None or not urls.is_web(target):
            return None
        is_elsewhere = urls.identity_key(target) != urls.identity_key(self.url)
        return Refresh(float(rule["seconds"] or 0), target, reference) if is_elsewhere else None

    @cached_property
    def title(self) -> str:
        """The first ``<title>``, white space collapsed, its first ``LONGEST_TITLE`` characters."""
        title = next((element.text for element in self.document.html_elements("title")), "")
        return collapse(title)[:LONGEST_TITLE]

    @cached_property
    def language(self) -> str:
        """The ``lang`` of ``<html>``, else of ``<meta http-equiv=content-language>``; as written."""
        root = self.document.root
        lang = (root.attr("lang") or root.attr("xml:lang") or "") if root is not None else ""
        return (lang.strip() or self._pragma("content-language"))[:LONGEST_LANGUAGE]

    def _pragma(self, name: str) -> str:
        for element in self.document.html_elements("meta"):
            if (element.attr("http-equiv") or "").lower() == name:
                return (element.attr("content") or "").strip()
        return ""

    @cached_property
    def canonical_url(self) -> str:
        """The first ``<link rel=canonical>`` of the head, resolved; empty where there is none or it does not parse.

        Google takes none from the body (https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls),
        where a comment may have brought it. Of a page that writes neither ``<html>`` nor ``<head>`` nor ``<body>`` nobody
        can tell where its author's head ends, so there it must not lead to another site.
        """
        for element in self.document.html_elements("link"):
            rel = (element.attr("rel") or "").lower().split()
            href = element.attr("href")
            if "canonical" in rel and href and self.is_in_head(element):
                url = urls.resolve(href, self.base_url, self.encoding)
                if url is None or len(url.href) > LONGEST_CANONICAL:
                    return ""
                own = urls.registrable_domain(self.url.hostname)
                return url.href if self._has_structure or urls.registrable_domain(url.hostname) == own else ""
        return ""

    def is_in_head(self, element: ElementLike) -> bool:
        """True if an element is in the document's head, as a browser builds it: the first body element ends it."""
        around = self.document.parent(element)
        while around is not None and around.tag != "head":
            around = self.document.parent(around)
        root = self.document.root
        return around is not None and root is not None and self.document.parent(around) == root

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """The first ``MOST_RELATIONS`` ``<link rel href>``, anywhere in the document: its feeds, its API, its icons."""
        found = []
        for element in islice(self.document.html_elements("link"), MOST_RELATIONS):
            rel, href = tuple((element.attr("rel") or "").lower().split()), element.attr("href")
            url = urls.resolve(href, self.base_url, self.encoding) if rel and href else None
            if url is not None and urls.is_web(url):
                media_type = (element.attr("type") or "").partition(";")[0].strip().lower()
                found.append(Relation(rel, media_type, url))
        return tuple(found)

    @cached_property
    def metas(self) -> tuple[tuple[str, str], ...]:
        """(name, content) of every ``<meta name>``, anywhere in the document."""
        return tuple(
            (name, element.attr("content") or "")
            for element in self.document.html_elements("meta")
            if (name := element.attr("name"))
        )


def _anchor_texts(document: DocumentLike, remarks: flags.FlagFinder) -> AnchorTexts:
    """Returns the anchor texts of a page."""
    # They do not refer to the page itself: that would be a reference cycle, and the tree of every page would stay in
    # memory until the next full garbage collection.
    return AnchorTexts(document, remarks.hiding.cascade)


def _references(
    elements: Iterable[ElementLike], resolve: Callable[[str], URL | None], *, is_kept: bool = True
) -> Iterator[Reference]:
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


def _counts(references: Iterable[Reference], own: str) -> tuple[int, int]:
    """Counts the http(s) links to other registrable domains, and those to ``own``."""
    web = [one.url for one in references if one.url is not None and one.url.protocol in urls.WEB_PROTOCOLS]
    internal = sum(urls.registrable_domain(url.hostname) == own for url in web)
    return len(web) - internal, internal


class _ManyReferences(Sequence[Reference]):
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
        return list(_references(elements, self._resolve, is_kept=False))

    def __iter__(self) -> Iterator[Reference]:
        references = _references(self._document.elements("a", "area"), self._resolve, is_kept=False)
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


def _wanted(
    references: Iterable[Reference],
    match: Callable[[URL], tuple[T, ...]],
    bound: LinkBound | None = None,
    target_of: Callable[[T], Hashable] = lambda found: found,
) -> Iterator[_Found[T]]:
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
                matches, _tag_type(reference.element), partial(_unread, reference), target_of
            ):
                continue
            is_nested = next(reference.element.iter_elements(("a", "area")), None) is not None
            nesting += is_nested
            yield _Found(reference, matches, position, nesting if is_nested else 0)


def _unread(reference: Reference) -> Link:
    """Returns a link of what its tag alone says."""
    return Link(
        raw_href=reference.raw_href,
        url=reference.url.href if reference.url is not None else "",
        anchor="",
        anchor_source="",
        link_type=_tag_type(reference.element),
        rel=rel_tokens(reference.element.attr("rel") or ""),
    )


def _tag_type(element: ElementLike) -> str:
    """Returns the type of a link as its tag alone says it."""
    return "area" if element.tag == "area" else "text"


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


def _alt(element: ElementLike) -> str:
    if element.tag == "area":
        return element.attr("alt") or ""
    return next((alt for image in element.iter_elements("img") if (alt := (image.attr("alt") or "").strip())), "")


def _drawn_title(element: ElementLike) -> str:
    """Returns the ``<title>`` of an SVG in the link, which browsers show like an element's title."""
    titles = (title.text for drawing in element.iter_elements("svg") for title in drawing.iter_elements("title"))
    return next(filter(str.strip, titles), "")


# Where a link without text gets its anchor from, first non-empty wins.
_ANCHOR_FALLBACKS: Final[tuple[tuple[str, Callable[[ElementLike], str]], ...]] = (
    ("alt", _alt),
    ("aria-label", lambda element: element.attr("aria-label") or ""),
    ("title", lambda element: element.attr("title") or _drawn_title(element)),
)


def _link_type(element: ElementLike, anchor_source: str) -> str:
    if element.tag == "area":
        return "area"
    has_image = anchor_source != "text" and next(element.iter_elements(("img", "svg", "picture")), None) is not None
    return "image" if has_image else "text"
