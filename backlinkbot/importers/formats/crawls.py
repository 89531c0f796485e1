"""The formats of crawlers, checkers, public search services and this program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from backlinkbot.importers.formats.formats import LISTED, NAMED, REPORTED, RESOURCE, Format, Role

if TYPE_CHECKING:
    from collections.abc import Mapping


def _globallinks(side: str, host: str) -> tuple[str, str, str, str]:
    return (f"{side}scheme", host, f"{side}path", f"{side}query")


def _joined(cells: Mapping[str, str], names: tuple[str, str, str, str]) -> str:
    """Joins a URL from four cells: scheme (2 is https), host, path, query."""
    scheme, host, path, query = (cells.get(name, "").strip() for name in names)
    if not host:
        return ""
    secure = "http" if scheme in {"1", "http"} else "https"
    return f"{secure}://{host}{'' if path.startswith('/') else '/'}{path}{'?' if query else ''}{query}"


def _linked(cells: Mapping[str, str]) -> str:
    domain, subdomain = cells.get("linkeddomain", ""), cells.get("linkedsubdomain", "")
    host = f"{subdomain}.{domain}" if subdomain and domain else domain
    return _joined({**cells, "host": host}, _globallinks("linked", "host"))


def _wiki_page(cells: Mapping[str, str]) -> str:
    """Returns the URL of the wiki's page; the wiki is named by the response or by the file's name."""
    base, title = cells.get("wiki", ""), cells.get("title", "").strip()
    return base.replace("$1", quote(title.replace(" ", "_"), safe="/:(),!*'@;")) if base and title else ""


def _hacker_news(cells: Mapping[str, str]) -> str:
    item = cells.get("objectid", "").strip()
    return f"https://news.ycombinator.com/item?id={quote(item)}" if item else ""


# The elements of HTML that link or embed a page, as crawlers name them.
_LINKS: Final = ("a", "area", "frame", "iframe", "meta")

CRAWLS: Final = (
    Format(
        name="screaming-frog",
        title="Screaming Frog, All inlinks and All outlinks",
        origin="screaming-frog",
        needs=("Type", "Source", "Destination", "Anchor"),
        columns={
            Role.ELEMENT: ("Type",),
            Role.SOURCE: ("Source",),
            Role.TARGET: ("Destination",),
            Role.ANCHOR: ("Anchor", "Alt Text"),
            Role.REL: ("Rel",),
            Role.FOLLOW: ("Follow",),
        },
        is_crawl=True,
    ),
    Format(
        name="screaming-frog-pages",
        title="Screaming Frog, Internal, External and other tabs of pages",
        origin="screaming-frog",
        needs=("Address", "Content Type", "Status Code", "Status"),
        columns={Role.ELEMENT: ("Content Type",), Role.SOURCE: ("Address",)},
        links_only=("text/html", "application/xhtml+xml"),
        confidence=NAMED,
    ),
    Format(
        name="sitebulb",
        title="Sitebulb, links",
        origin="sitebulb",
        needs=("Referring URL", "Target URL", "Anchor Text", "Link Location"),
        columns={
            Role.ELEMENT: ("Link Type",),
            Role.SOURCE: ("Referring URL",),
            Role.TARGET: ("Target URL",),
            Role.ANCHOR: ("Anchor Text",),
            Role.NOFOLLOW: ("Nofollow",),
            Role.INTERNAL: ("Internal",),
        },
        is_crawl=True,
    ),
    Format(
        name="librecrawl",
        title="LibreCrawl, links",
        origin="librecrawl",
        needs=("source_url", "target_url", "anchor_text", "is_internal", "target_domain"),
        columns={
            Role.SOURCE: ("source_url",),
            Role.TARGET: ("target_url",),
            Role.ANCHOR: ("anchor_text",),
            Role.INTERNAL: ("is_internal",),
        },
        is_crawl=True,
    ),
    Format(
        name="seonaut",
        title="SEOnaut, internal and external links",
        origin="seonaut",
        needs=("Origin", "Destination", "Text"),
        is_whole_header=True,
        columns={Role.SOURCE: ("Origin",), Role.TARGET: ("Destination",), Role.ANCHOR: ("Text",)},
        is_crawl=True,
    ),
    Format(
        name="seonaut-images",
        title="SEOnaut, images",
        origin="seonaut",
        needs=("Origin", "Image URL", "Alt"),
        is_whole_header=True,
        skip=RESOURCE,
    ),
    Format(
        name="linkchecker",
        title="LinkChecker, CSV and SQL",
        origin="linkchecker",
        needs=("urlname", "parentname", "url"),
        columns={
            Role.SOURCE: ("parentname",),
            Role.TARGET: ("url", "urlname"),
            Role.ANCHOR: ("name",),
        },
        is_crawl=True,
    ),
    Format(
        name="linkchecker-json",
        title="LinkChecker, JSON",
        origin="linkchecker",
        needs=("url", "realurl", "parenturl.url"),
        columns={Role.SOURCE: ("parenturl.url",), Role.TARGET: ("realurl", "url"), Role.ANCHOR: ("name",)},
        is_crawl=True,
    ),
    Format(
        name="linkinator",
        title="linkinator, CSV and JSON",
        origin="linkinator",
        needs=("url", "status", "state", "parent"),
        columns={Role.SOURCE: ("parent",), Role.TARGET: ("url",)},
        is_crawl=True,
    ),
    Format(
        name="lychee",
        title="lychee, JSON",
        origin="lychee",
        needs=("total", "success_map", "error_map"),
        columns={Role.SOURCE: ("input",), Role.TARGET: ("url",)},
        is_crawl=True,
    ),
    Format(
        name="muffet",
        title="muffet, JSON",
        origin="muffet",
        needs=("url", "links"),
        columns={Role.SOURCE: ("input",), Role.TARGET: ("url",)},
        is_crawl=True,
    ),
    Format(
        name="broken-link-checker-json",
        title="broken-link-checker, results as JSON",
        origin="broken-link-checker",
        needs=("url.original", "url.resolved", "base.resolved", "html.tagName"),
        columns={
            Role.ELEMENT: ("html.tagName",),
            Role.SOURCE: ("base.resolved",),
            Role.TARGET: ("url.resolved",),
            Role.ANCHOR: ("html.text",),
        },
        is_crawl=True,
        links_only=_LINKS,
    ),
    Format(
        name="katana",
        title="katana, JSONL",
        origin="katana",
        needs=("request.endpoint", "request.method"),
        columns={
            Role.ELEMENT: ("request.tag",),
            Role.SOURCE: ("request.source",),
            Role.TARGET: ("request.endpoint",),
            Role.LAST_SEEN: ("timestamp",),
        },
        is_crawl=True,
        links_only=_LINKS,
    ),
    Format(
        name="httpx",
        title="httpx, JSONL and CSV",
        origin="httpx",
        needs=("url", "input", "status_code", "webserver"),
        columns={Role.SOURCE: ("url",)},
        confidence=NAMED,
    ),
    Format(
        name="advertools",
        title="advertools, crawl",
        origin="advertools",
        needs=("url", "links_url", "links_text"),
        columns={
            Role.SOURCE: ("url",),
            Role.TARGET: ("links_url",),
            Role.ANCHOR: ("links_text",),
            Role.NOFOLLOW: ("links_nofollow",),
            Role.LAST_SEEN: ("crawl_time",),
        },
        joined_by="@@",
    ),
    Format(
        name="seo-backlink-checker",
        title="seo-backlink-checker",
        origin="seo-backlink-checker",
        needs=("url", "status", "anchor_text", "around_text"),
        columns={
            Role.SOURCE: ("url",),
            Role.ANCHOR: ("anchor_text",),
            Role.REL: ("rel",),
            Role.LAST_SEEN: ("last_seen",),
            Role.LOST: ("status",),
        },
    ),
    Format(
        name="backlink-finder",
        title="backlink-finder",
        origin="backlink-finder",
        needs=("source_url", "found_domain", "link_url"),
        columns={
            Role.SOURCE: ("source_url",),
            Role.TARGET: ("link_url",),
            Role.ANCHOR: ("anchor_text",),
            Role.REL: ("rel",),
            Role.NOFOLLOW: ("nofollow",),
        },
    ),
    Format(
        name="globallinks",
        title="GlobalLinks",
        origin="globallinks",
        needs=("linkedDomain", "sourceHost", "linkText"),
        columns={
            Role.ANCHOR: ("linkText",),
            Role.NOFOLLOW: ("nofollow",),
            Role.LAST_SEEN: ("date_imported",),
        },
        assemble={
            Role.SOURCE: lambda cells: _joined(cells, _globallinks("source", "sourcehost")),
            Role.TARGET: _linked,
        },
        parts=(
            *(f"source{part}" for part in ("Scheme", "Host", "Path", "Query")),
            *(f"linked{part}" for part in ("Scheme", "Subdomain", "Domain", "Path", "Query")),
        ),
        confidence=0.75,
    ),
    Format(
        name="mediawiki-exturlusage",
        title="MediaWiki, API, exturlusage",
        origin="mediawiki",
        needs=("ns", "title", "url"),
        columns={Role.TARGET: ("url",)},
        assemble={Role.SOURCE: _wiki_page},
        parts=("title",),
    ),
    Format(
        name="hacker-news",
        title="Hacker News, search",
        origin="hacker-news",
        needs=("objectID", "url", "created_at"),
        columns={
            Role.TARGET: ("url", "story_url"),
            Role.ANCHOR: ("title", "story_title"),
            Role.FIRST_SEEN: ("created_at",),
        },
        assemble={Role.SOURCE: _hacker_news},
        parts=("objectID",),
    ),
    Format(
        name="stack-exchange",
        title="Stack Exchange, API, search",
        origin="stack-exchange",
        needs=("link", "question_id", "creation_date"),
        columns={Role.SOURCE: ("link",), Role.FIRST_SEEN: ("creation_date",), Role.LAST_SEEN: ("last_activity_date",)},
    ),
    Format(
        name="cdx-json",
        title="Wayback CDX, JSON",
        origin="archive",
        needs=("urlkey", "timestamp", "original"),
        columns={Role.SOURCE: ("original",)},
        confidence=NAMED,
    ),
    Format(
        name="cc-index",
        title="Common Crawl, URL index, JSON",
        origin="common-crawl",
        needs=("urlkey", "timestamp", "url"),
        columns={Role.SOURCE: ("url",)},
        confidence=NAMED,
    ),
    Format(
        name="rows",
        title="backlinkbot rows: CSV, JSONL and JSON",
        origin="backlinkbot",
        needs=("target", "source_url", "target_url", "nofollow_by"),
        columns={
            Role.SOURCE: ("source_url",),
            Role.TARGET: ("target_url",),
            Role.ANCHOR: ("anchor",),
            Role.REL: ("rel",),
            Role.FOLLOW: ("follow",),
            Role.FIRST_SEEN: ("first_seen",),
            Role.LAST_SEEN: ("last_seen", "fetched_at"),
            Role.LOST: ("state",),
        },
        is_own_format=True,
    ),
    Format(
        name="checks",
        title="backlinkbot checks: CSV, JSONL and JSON",
        origin="backlinkbot",
        needs=("candidate", "state", "final_url"),
        columns={Role.SOURCE: ("candidate",), Role.LAST_SEEN: ("fetched_at",), Role.LOST: ("state",)},
        confidence=LISTED,
        is_own_format=True,
    ),
    Format(
        name="changes",
        title="backlinkbot changes: CSV, JSONL and JSON",
        origin="backlinkbot",
        needs=("kind", "reason", "source_url", "target_url"),
        columns={
            Role.SOURCE: ("source_url",),
            Role.TARGET: ("target_url",),
            Role.ANCHOR: ("anchor",),
            Role.LAST_SEEN: ("at",),
            Role.LOST: ("kind",),
        },
        is_own_format=True,
    ),
    Format(
        name="candidates",
        title="backlinkbot candidates: JSONL",
        origin="as it stands there",
        needs=("url", "is_domain", "claims"),
        columns={role: (role.value,) for role in (Role.TARGET, Role.ANCHOR, Role.REL, Role.FOLLOW)}
        | {role: (role.value,) for role in (Role.FIRST_SEEN, Role.LAST_SEEN, Role.LOST)}
        | {Role.SOURCE: ("url",)},
        confidence=REPORTED,
        is_own_format=True,
    ),
    Format(
        name="candidates-csv",
        title="backlinkbot candidates: CSV, one row per claim",
        origin="as it stands there",
        needs=("url", "is_domain", "claim", "origin"),
        columns={role: (role.value,) for role in (Role.TARGET, Role.ANCHOR, Role.REL, Role.FOLLOW)}
        | {role: (role.value,) for role in (Role.FIRST_SEEN, Role.LAST_SEEN, Role.LOST)}
        | {Role.SOURCE: ("url",)},
        confidence=REPORTED,
        is_own_format=True,
    ),
)
