"""Loopback servers that answer as WordPress, MediaWiki and the Wayback Machine do, their refusals included."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit

from tests.conftest import links
from tests.fakeweb import Answer, FakeWeb, Request

JSON = "application/json; charset=utf-8"
XML = "application/xml"


def asked(request: Request) -> dict[str, str]:
    """The parameters of a request; of a repeated one the values joined with a comma."""
    return {name: ",".join(values) for name, values in parse_qs(urlsplit(request.target).query).items()}


def as_json(value: object, status: int = 200, *headers: tuple[str, str]) -> Answer:
    return Answer(body=json.dumps(value), status=status, headers=headers, content_type=JSON)


@dataclass
class Blog:
    """A WordPress: its home page leads to no post, its search finds all of them by what stands in their source."""

    home: str
    """``https://blog.example``."""
    posts: dict[str, str] = field(default_factory=dict)
    """Path -> body."""
    says_in: str = "header"
    """Where the home page says that it has an API: ``header``, ``link``, or nowhere."""
    root: str = "/wp-json/"
    refusal: Answer | None = None
    """What the API answers to everybody."""

    def plant(self, web: FakeWeb, home: str = "<p>Welcome.</p>") -> None:
        headers = [("Link", f'<{self.home}/?p=2>; rel=shortlink, <{self.home}{self.root}>; rel="https://api.w.org/"')]
        link = f'<link rel="https://api.w.org/" href="{self.root}">'
        body = f"<!doctype html><head>{link if self.says_in == 'link' else ''}</head>{home}"
        web.page(f"{self.home}/", body, headers=headers if self.says_in == "header" else [])
        for path, text in self.posts.items():
            web.page(f"{self.home}{path}", text)
        mark = "&" if "?" in self.root else "?"
        web.page(f"{self.home}{self.root.rstrip('/')}/wp/v2/search{mark}*", self._search)

    def _search(self, request: Request) -> Answer:
        if self.refusal is not None:
            return self.refusal
        query = asked(request)
        per_page, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        if not 1 <= per_page <= 100:
            return as_json({"code": "rest_invalid_param", "message": "Invalid parameter(s): per_page"}, 400)
        found = [path for path, text in self.posts.items() if query["search"].lower() in text.lower()]
        pages = -(-len(found) // per_page)
        if found and page > pages:
            return as_json({"code": "rest_search_invalid_page_number", "data": {"status": 400}}, 400)
        entries = [
            {"id": n, "title": path, "url": self.home + path, "type": "post", "subtype": "post"}
            for n, path in enumerate(found)
        ]
        if "_fields" in query:
            entries = [{name: e[name] for name in query["_fields"].split(",")} for e in entries]
        shown = entries[(page - 1) * per_page : page * per_page]
        return as_json(shown, 200, ("X-WP-Total", str(len(found))), ("X-WP-TotalPages", str(pages)))


@dataclass
class Wiki:
    """A MediaWiki with articles at ``/wiki/Title`` and its API at ``/w/api.php``."""

    host: str
    articles: dict[str, list[str]] = field(default_factory=dict)
    """Title -> the external links on it."""
    most: int = 500
    """Links in one answer."""
    announced: bool = True
    refusals: list[Answer] = field(default_factory=list)
    """Answers to the first requests, one each."""
    questions: list[dict[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def plant(self, web: FakeWeb) -> None:
        head = "<meta name=generator content='MediaWiki 1.43.1'>"
        if self.announced:
            head += f"<link rel='EditURI' type='application/rsd+xml' href='//{self.host}/w/api.php?action=rsd'>"
        else:
            head += "<link rel='search' href='/w/opensearch_desc.php' type='application/opensearchdescription+xml'>"
        web.page(f"https://{self.host}/wiki/Main_Page", f"<!doctype html><head>{head}</head><p>Welcome.")
        for title, hrefs in self.articles.items():
            web.page(f"https://{self.host}/wiki/{quote(title.replace(' ', '_'), safe='/:()')}", links(*hrefs))
        web.page(f"https://{self.host}/w/api.php?*", self._answer)

    def _answer(self, request: Request) -> Answer:
        query = asked(request)
        self.questions.append(query)
        self.agents.add(request.headers.get("user-agent", ""))
        if self.refusals:
            return self.refusals.pop(0)
        if query.get("action") != "query" or query.get("list") != "exturlusage" or query.get("format") != "json":
            return as_json({"error": {"code": "badvalue", "info": "Unrecognized value"}, "servedby": "mw1"})
        uses = [
            {"ns": 0, "title": title, "url": url}
            for title, hrefs in self.articles.items()
            for url in hrefs
            if self._matches(query["euquery"], url)
        ]
        start = int(query.get("eucontinue", "0"))
        limit = min(self.most, int(query.get("eulimit", "10")))
        body: dict[str, object] = {"batchcomplete": True, "query": {"exturlusage": uses[start : start + limit]}}
        if "continue" not in query:  # else siteinfo is done already
            body["query"] = {
                "general": {"sitename": "A wiki", "server": f"//{self.host}", "articlepath": "/wiki/$1"},
                **body["query"],  # type: ignore[dict-item]
            }
        if start + limit < len(uses):
            body["continue"] = {"eucontinue": str(start + limit), "continue": "-||siteinfo"}
        return as_json(body)

    @staticmethod
    def _matches(query: str, url: str) -> bool:
        """As ``LinkFilter``: ``*.host`` for the host and all below it, a path for all that begin so."""
        wanted, asked_for = urlsplit(f"//{query}"), urlsplit(url)
        host, path = asked_for.netloc, asked_for.path or "/"
        if query.startswith("*."):
            return host == wanted.netloc[2:] or host.endswith(wanted.netloc[1:])
        return host == wanted.netloc and path.startswith(wanted.path or "/")


def lagged(seconds: int = 1) -> Answer:
    """What api.php says, with status 200, where its databases lag behind."""
    error = {"code": "maxlag", "info": "Waiting for a database server: 7 seconds lagged.", "host": "db1", "lag": 7}
    headers = (("Retry-After", str(seconds)), ("X-Database-Lag", "7"), ("MediaWiki-API-Error", "maxlag"))
    return as_json({"error": error, "servedby": "mw1"}, 200, *headers)


def too_many(seconds: int | None = None, status: int = 429) -> Answer:
    page = "<html><head><title>429 Too Many Requests</title></head><body><center>nginx</center></body></html>"
    return Answer(body=page, status=status, headers=(("Retry-After", str(seconds)),) if seconds is not None else ())


@dataclass
class Wayback:
    """The CDX server of web.archive.org, as far as it is asked here."""

    captures: list[tuple[str, str, str]] = field(default_factory=list)
    """(original, mimetype, status)."""
    most: int = 10_000
    refusals: list[Answer] = field(default_factory=list)
    questions: list[dict[str, str]] = field(default_factory=list)

    def plant(self, web: FakeWeb) -> None:
        web.page("https://web.archive.org/cdx/search/cdx?*", self._answer)
        web.robots("web.archive.org", "User-agent: *\nDisallow: /cdx\n")

    def _answer(self, request: Request) -> Answer:
        query = asked(request)
        self.questions.append(query)
        if self.refusals:
            return self.refusals.pop(0)
        found: dict[str, str] = {}
        for original, media_type, status in self.captures:
            values = {"mimetype": media_type, "statuscode": status, "original": original}
            filters = (each.partition(":") for each in query.get("filter", "").split(",") if each)
            is_wanted = all(re.fullmatch(pattern, values[name]) for name, _, pattern in filters)
            if is_wanted and self._matches(query, original):
                found.setdefault(urlkey(original), original)  # collapse=urlkey
        keys = sorted(found)
        if "resumeKey" in query:
            keys = [key for key in keys if key > query["resumeKey"]]
        shown = keys[: min(self.most, int(query["limit"]))]
        lines = [found[key] for key in shown]
        if len(shown) < len(keys) and query.get("showResumeKey") == "true":
            lines += ["", quote(shown[-1], safe="")]
        return Answer(body="".join(f"{line}\n" for line in lines), content_type="text/plain;charset=UTF-8")

    @staticmethod
    def _matches(query: dict[str, str], original: str) -> bool:
        host, wanted = urlsplit(original).hostname or "", query["url"]
        return host == wanted or (query["matchType"] == "domain" and host.endswith(f".{wanted}"))


def urlkey(url: str) -> str:
    """SURT, near enough: ``com,example)/path``."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{','.join(reversed(host.split('.')))}){parts.path.lower() or '/'}" + (
        f"?{parts.query}" if parts.query else ""
    )
