"""The data types of sources: a site, a query, a response, and the source itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from backlinkbot.extract.page import PageContent
    from backlinkbot.targets import Targets
    from backlinkbot.urls import URL

FRESHEST: Final = 3
"""How much earlier than others a page is visited that has lately changed, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """What a crawl looks for, as far as a source must know it."""

    targets: Targets
    today: date
    is_one_host: bool = False
    """Whether the crawl stays on the seeds' hosts, and not on their registrable domains."""
    wikis: tuple[str, ...] = ()
    """The ``api.php`` of each wiki that the user has named."""
    guesses: bool = True
    """Whether to look for what nobody says is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a crawl knows of a site once it has seen one page of it."""

    url: URL
    """That page's."""
    is_seed: bool = False
    content: PageContent | None = None
    """None where the page could not be read."""
    link_headers: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    """Those that the robots.txt of its authority names, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One document to ask a source for; waits with its request, on disk too."""

    source: str
    """The name of an entry of the table."""
    url: str
    site: str
    """The page on whose behalf; a service's own address where the user named the service."""
    note: str = ""
    """What the reader of the answer must know from an earlier answer."""
    is_guess: bool = False
    """Whether nobody said that there is such a document."""
    tries: int = 0
    """How often it was put off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A page that a source names."""

    url: str
    """As written; may be relative to the site's page."""
    is_expected: bool = False
    """Whether the source says that there is a link to a target on it."""
    freshness: int = 0
    """How lately it has changed, from 0 (long ago, or nobody knows) to ``FRESHEST``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResponse:
    """A document that came back with status 200."""

    query: Query
    url: URL
    """Where it was found, after redirects."""
    body: bytes
    charset: str = ""
    headers: Mapping[str, str]
    """By name in lower case."""
    max_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a document says."""

    named: tuple[Named, ...] = ()
    """The most promising first."""
    onward: tuple[Query, ...] = ()
    """Documents that it names in its turn, or where it goes on."""
    is_put_off: bool = False
    """Whether the source says: not now."""
    is_refused: bool = False
    """Whether it says: not you."""


def nothing(_: object, __: SourceContext) -> tuple[Query, ...]:
    """For a source that has nothing to ask here."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One entry of the table."""

    name: str
    read: Callable[[SourceResponse, SourceContext], Reading | None]
    """None where the document is not what was asked for."""
    of_site: Callable[[Site, SourceContext], Iterable[Query]] = nothing
    """What a site's first page, or its robots.txt, says there is to ask for."""
    of_user: Callable[[SourceContext], Iterable[Query]] = lambda _: ()
    """What the user's words say there is to ask for, before any page is visited."""
    is_standard: bool = True
    """Whether it is used unless it is left out; else it is used where it is asked for."""
    priority: int
    """Of its documents in the queue of their domain."""
    max_documents: int
    """For one registrable domain."""
    max_bytes: int
    """Of a document, unpacked."""
    stays: bool = True
    """Whether its documents must lie on the registrable domain of what names them."""

    names_candidates: bool = False
    """Whether its own pages are visited as candidates are: not followed, unless they are at home in the crawl."""

    # Of services only: what the user names, not the site.
    is_service: bool = False
    """Whether the user asked for it by name, so that robots.txt, which is for those who were not asked, does not count."""
    delay: float = 0.0
    """Seconds between two requests, at least; and one at a time."""
    pause: float = 0.0
    """Seconds to keep quiet, at least, when it says that it has had enough."""
    max_postponements: int = 0
    """How often to ask again afterwards."""
    timeout: float = 0.0
    """Seconds for an answer; 0: as for a page."""
    max_age: float = 0.0
    """Seconds for which an answer is kept on disk; 0: not kept."""
