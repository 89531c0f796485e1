"""The data types of sources: a site, a query, a response, and the source itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from backlinkbot.extract.page import PageContent
    from backlinkbot.items import Claim
    from backlinkbot.targets import Targets
    from backlinkbot.urls import URL

FRESHEST: Final = 3
"""The highest freshness: how far a recently changed page is moved ahead in the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """What a source needs to know of a crawl."""

    targets: Targets
    today: date
    is_one_host: bool = False
    """True if the crawl stays on the seeds' hosts, instead of their registrable domains."""
    wikis: tuple[str, ...] = ()
    """The ``api.php`` of each wiki that the user named."""
    guesses: bool = True
    """True if default addresses are tried that no page declares."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """The addresses that replace those of services, by source name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a crawl knows of a site after its first page."""

    url: URL
    """The URL of that page."""
    is_seed: bool = False
    content: PageContent | None = None
    """The page's content; None if it could not be read."""
    link_headers: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    """The sitemaps in the robots.txt of its authority, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One document to request from a source; it is stored on disk with its request."""

    source: str
    """The name of the source in the table."""
    url: str
    site: str
    """The page that led to this query; the service's own address if the user named the service."""
    note: str = ""
    """What the reader of the response needs from an earlier response."""
    is_guess: bool = False
    """True if no page declares this document."""
    tries: int = 0
    """How often the query was postponed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A page named by a source."""

    url: str
    """As written; may be relative to the site's page."""
    is_expected: bool = False
    """True if the source claims that the page links to a target."""
    freshness: int = 0
    """How recently the page changed, from 0 (long ago or unknown) to ``FRESHEST``."""
    claims: tuple[Claim, ...] = ()
    """What the source says of the page's links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResponse:
    """A document that was answered with status 200."""

    query: Query
    url: URL
    """Its URL, after redirects."""
    body: bytes
    charset: str = ""
    headers: Mapping[str, str]
    """Header values by lower-case name."""
    max_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The pages and further queries in a document."""

    named: tuple[Named, ...] = ()
    """The pages that it names, the most promising first."""
    onward: tuple[Query, ...] = ()
    """Further documents that it names, and its next part."""
    is_put_off: bool = False
    """True if the service asks for a later retry."""
    is_refused: bool = False
    """True if the service refuses the query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceError:
    """A response of a service that is not status 200."""

    status: int
    headers: Mapping[str, str]
    """Header values by lower-case name."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key that a service requires or accepts; it is sent and never stored."""

    setting: str
    """The setting that holds it, and the environment variable."""
    header: str = ""
    """The header that carries it,"""
    prefix: str = ""
    """after this text;"""
    parameter: str = ""
    """or the parameter of the URL."""
    public: str = ""
    """A key that the provider offers to everybody."""
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProfile:
    """What a user needs to know of a source before it is used; ``backlinkbot sources`` prints it."""

    words: tuple[str, ...]
    """The words of ``--source`` that choose it."""
    knows: str
    costs: str
    needs: str = "nothing"
    documentation: str
    """The page that describes its requests and responses."""
    terms: str = ""
    """The page with its terms of use; empty for the sites' own documents."""


def nothing(_: object, __: SourceContext) -> tuple[Query, ...]:
    """The ``of_site`` of a source that has no queries about a site."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source: an entry of the table."""

    name: str
    read: Callable[[SourceResponse, SourceContext], Reading | None]
    """Parses a document; returns None if it is not what was requested."""
    of_site: Callable[[Site, SourceContext], Iterable[Query]] = nothing
    """Returns the queries that a site's first page and robots.txt lead to."""
    of_user: Callable[[SourceContext], Iterable[Query]] = lambda _: ()
    """Returns the queries that the user's options lead to, before any page is visited."""
    is_standard: bool = True
    """True if the source is used by default; otherwise it is used on request."""
    priority: int
    """The priority of its documents in the queue of their domain."""
    max_documents: int
    """Most documents per registrable domain."""
    max_bytes: int
    """Most bytes of a document, decompressed."""
    stays: bool = True
    """True if its documents must be on the registrable domain of the page that names them."""

    names_candidates: bool = False
    """True if its pages are visited as candidates: their links are followed only in the crawl's scope."""

    # For services only: sources that the user names, not the site.
    is_service: bool = False
    """True if the user requests it by name; then robots.txt, which is for crawlers, does not apply."""
    delay: float = 0.0
    """Fewest seconds between two requests, which are sent one at a time."""
    pause: float = 0.0
    """Fewest seconds without requests after the service has asked for a pause."""
    max_postponements: int = 0
    """Most retries after such pauses."""
    timeout: float = 0.0
    """Seconds to wait for a response; 0 means as for a page."""
    max_age: float = 0.0
    """Seconds for which a response is cached on disk; 0 means never."""
    finds_links: bool = False
    """True if it is asked for pages that link to the targets, and knows them without a seed."""
    is_asked_by_name: bool = False
    """True if it is not used unless the user names it, or has a key of their own."""
    names_anywhere: bool = False
    """True if its pages may be on any host; otherwise they are on the service's own registrable domain."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of its requests."""
    key: ApiKey | None = None
    read_error: Callable[[ServiceError], Reading | None] = lambda _: None
    """Parses a response of another status than 200; None if it says nothing that is documented."""
    pause_of: Callable[[Mapping[str, str], bytes], float] = lambda _, __: 0.0
    """Returns the seconds for which a response forbids further requests, besides ``Retry-After``."""
    profile: SourceProfile


link_service = partial(
    Source,
    is_standard=False,
    priority=30,
    stays=False,
    names_candidates=True,
    names_anywhere=True,
    is_service=True,
    finds_links=True,
)
"""Makes the entry of a service that knows, without a seed, which pages of any site link to the targets."""
