"""MediaWiki's search for external links, on a seed's own wiki and on wikis that the user names.

https://www.mediawiki.org/wiki/API:Exturlusage, https://www.mediawiki.org/wiki/API:Etiquette
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from backlinkbot import urls
from backlinkbot.extract.documents import LinkUse, read_link_uses
from backlinkbot.extract.documents.wikis import page_url
from backlinkbot.sources.claims import named
from backlinkbot.sources.places import address_of, places_of
from backlinkbot.sources.queries import (
    Named,
    Query,
    Reading,
    Site,
    Source,
    SourceContext,
    SourceProfile,
    SourceResponse,
)
from backlinkbot.targets import Place, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_QUERIES: Final = 10
"""Most queries to a wiki that the user has not named."""
LARGEST_WIKIPEDIAS: Final = ("en", "de", "fr", "es", "ru", "ja", "it", "pt", "zh", "pl")
"""Languages: those of the most pages that are viewed."""
SISTERS: Final = (
    "commons.wikimedia.org",
    "www.wikidata.org",
    "en.wiktionary.org",
    "en.wikivoyage.org",
    "en.wikibooks.org",
    "en.wikinews.org",
    "en.wikiquote.org",
    "en.wikisource.org",
    "en.wikiversity.org",
    "www.mediawiki.org",
)
"""The sister projects of Wikipedia: https://meta.wikimedia.org/wiki/Wikimedia_projects."""
WIKIMEDIA_HOSTS: Final = (*(f"{language}.wikipedia.org" for language in LARGEST_WIKIPEDIAS), *SISTERS)
WIKIMEDIA_API: Final = "https://{host}/w/api.php"
WIKIMEDIA_SPACES: Final = {"commons.wikimedia.org": "0|6|14", "www.wikidata.org": "0"}
"""The namespaces searched in wikis whose links stand elsewhere than in articles: on Commons, files and categories."""
MAX_LAG: Final = 5
"""Most seconds that the wiki's databases may lag behind for a query to be answered, as its etiquette requires."""
NOT_NOW: Final = frozenset({"maxlag", "ratelimited", "readonly"})
_PARAMETERS: Final = {
    "action": "query",
    "format": "json",
    "formatversion": "2",
    "maxlag": MAX_LAG,
    "meta": "siteinfo",  # contains the path of the wiki's pages
    "siprop": "general",
    "list": "exturlusage",
    "euprop": "title|url",
    "eunamespace": 0,  # articles, not their talk pages
    "eulimit": 500,  # the most that it returns
}


def _of_site(site: Site, context: SourceContext) -> Iterator[Query]:
    api = _api(site)
    if api:
        for place in islice(places_of(context.targets), MAX_QUERIES):
            yield Query(source="mediawiki", url=_question(api, place), site=site.url.href)


def _of_user(context: SourceContext) -> Iterator[Query]:
    for place in places_of(context.targets):
        for api in context.wikis:
            where = context.addresses.get("wikis", "").replace("{host}", _host(api)) or api
            yield Query(source="wikis", url=_question(where, place, WIKIMEDIA_SPACES.get(_host(api), 0)), site=api)


def _host(api: str) -> str:
    return api.partition("//")[2].partition("/")[0]


def _api(site: Site) -> str:
    """Returns the address of ``api.php``: declared by the page, or beside the script of its announced search."""
    content = site.content
    if content is None:
        return ""
    for relation in content.relations:
        if "edituri" in relation.rel and relation.url.pathname.endswith("/api.php"):
            return f"{relation.url.protocol}//{relation.url.host}{relation.url.pathname}"
    if any(name.lower() == "generator" and value.startswith("MediaWiki") for name, value in content.metas):
        for relation in content.relations:
            folder, _, script = relation.url.pathname.rpartition("/")
            if "search" in relation.rel and script == "opensearch_desc.php":
                return f"{relation.url.protocol}//{relation.url.host}{folder}/api.php"
    return ""


def _question(api: str, place: Place, spaces: str | int = 0) -> str:
    wildcard = "*." if place.scope is Scope.SUBDOMAINS and not place.host.startswith("[") else ""
    pattern = wildcard + address_of(place).partition("*")[0]  # an asterisk elsewhere makes the whole query invalid
    return f"{api}?{urlencode(_PARAMETERS | {'euquery': pattern, 'eunamespace': spaces})}"


def _read(answer: SourceResponse, context: SourceContext) -> Reading | None:
    found = read_link_uses(answer.body)
    if found is None:
        return None
    if found.error:
        return Reading(is_put_off=found.error in NOT_NOW, is_refused=found.error not in NOT_NOW)
    query = answer.query
    pages_at = found.pages_at or query.note
    links: dict[str, list[str]] = {}
    for use in found.uses:
        if _is_of_target(use, context):
            links.setdefault(use.title, []).append(use.url)
    pages = tuple(_page(query, page_url(pages_at, title), said) for title, said in links.items()) if pages_at else ()
    if not found.onward:
        return Reading(named=pages)
    address, _, parameters = query.url.partition("?")
    more = {name: value for name, value in found.onward if name.endswith(("continue", "offset"))}
    onward = Query(
        source=query.source,
        url=f"{address}?{urlencode(dict(parse_qsl(parameters)) | more)}",
        site=query.site,
        note=pages_at,
    )
    return Reading(named=pages, onward=(onward,))


def _page(query: Query, url: str, links: list[str]) -> Named:
    """Returns a named article; a seed's own wiki makes no claims, for its pages are pages of the crawl."""
    if query.source == "mediawiki":
        return Named(url=url, is_expected=True)
    return named("wikis", url, links, confidence=0.9, file=_host(query.site))


def _is_of_target(use: LinkUse, context: SourceContext) -> bool:
    """True if the found link is to a target: a search is wider than some targets, and a wiki may omit the link."""
    url = urls.parse(f"https:{use.url}" if use.url.startswith("//") else use.url)
    return not use.url or (url is not None and bool(context.targets.match(url)))


MEDIAWIKI: Final = Source(
    name="mediawiki",
    of_site=_of_site,
    read=_read,
    priority=30,
    max_documents=20,
    max_bytes=2 * 1024 * 1024,
    profile=SourceProfile(
        words=("mediawiki",),
        knows="articles of a seed's own wiki that link to a target",
        costs="1 request per target and 500 links",
        documentation="https://www.mediawiki.org/wiki/API:Exturlusage",
    ),
)
WIKIS: Final = Source(
    name="wikis",
    of_user=_of_user,
    read=_read,
    is_standard=False,
    priority=30,
    max_documents=10_000,
    max_bytes=2 * 1024 * 1024,
    stays=False,
    names_candidates=True,
    is_service=True,
    finds_links=True,
    delay=1.0,
    pause=5.0,
    max_postponements=3,
    timeout=60.0,
    max_age=24 * 3600.0,
    profile=SourceProfile(
        words=("wikimedia", "wikipedia", "wikipedia:LANGUAGE", "mediawiki:URL"),
        knows=f"articles that link to a target: in the {len(LARGEST_WIKIPEDIAS)} largest Wikipedias and {len(SISTERS)} "
        "sister projects (wikimedia), in one Wikipedia, or in any wiki by its api.php",
        costs="1 request per target, wiki and 500 links; 1 a second",
        needs="--contact for Wikipedia and its sisters",
        documentation="https://www.mediawiki.org/wiki/API:Exturlusage",
        terms="https://foundation.wikimedia.org/wiki/Policy:User-Agent_policy",
    ),
)
