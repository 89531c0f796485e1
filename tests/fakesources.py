"""Loopback servers that answer as WordPress, MediaWiki and the Wayback Machine do, their refusals included."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, unquote, urlsplit

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


# --- services that know links by their target -------------------------------------------------------------------------


@dataclass
class Service:
    """A service behind one address: what it was asked, with which headers, and refusals to the first requests."""

    address: str
    questions: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    refusals: list[Answer] = field(default_factory=list)
    """Answers to the first requests, one each."""

    def plant(self, web: FakeWeb) -> None:
        web.page(f"{self.address}/*", self._heard)

    def _heard(self, request: Request) -> Answer:
        self.questions.append(asked(request))
        self.paths.append(urlsplit(request.target).path)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        return self.refusals.pop(0) if self.refusals else self.answer(request, self.questions[-1])

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        raise NotImplementedError


@dataclass
class HackerNews(Service):
    """Algolia's search of Hacker News: https://hn.algolia.com/api."""

    address: str = "https://hn.algolia.com/api/v1"
    items: list[dict[str, object]] = field(default_factory=list)
    """Each with ``objectID``, ``created_at_i``, and one of ``url``, ``story_text`` and ``comment_text``."""

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        if not request.target.startswith("/api/v1/search_by_date?"):
            return as_json({"status": 404, "error": "Not Found"}, 404)
        before = int(query.get("numericFilters", "created_at_i<99999999999").partition("<")[2])
        words = re.findall(r"\w+", query["query"])  # punctuation separates words, and each must be there
        found = [
            item
            for item in sorted(self.items, key=lambda item: -int(str(item["created_at_i"])))
            if int(str(item["created_at_i"])) < before
            and all(word in " ".join(str(value) for value in item.values()) for word in words)
        ]
        shown = found[: min(1000, int(query["hitsPerPage"]))]
        pages = -(-len(found) // int(query["hitsPerPage"]))
        hits = [{"created_at": "2024-05-01T10:00:00Z", "_tags": ["story"], **item} for item in shown]
        return as_json({"hits": hits, "nbHits": len(found), "page": 0, "nbPages": pages, "hitsPerPage": 500})


@dataclass
class StackExchange(Service):
    """``search/excerpts``: https://api.stackexchange.com/docs/excerpt-search."""

    address: str = "https://api.stackexchange.com/2.3"
    questions_of: dict[str, list[int]] = field(default_factory=dict)
    """Site -> numbers of questions with a link."""
    backoff: int = 0
    quota: int = 300

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        self.quota -= 1
        if int(query["page"]) > 25 and "key" not in query:
            error = {"error_id": 403, "error_name": "access_denied", "error_message": "page above 25 requires a key"}
            return as_json(error, 403)
        numbers = self.questions_of.get(query["site"], [])
        size, page = int(query["pagesize"]), int(query["page"])
        shown = numbers[(page - 1) * size : page * size]
        items = [
            {"item_type": kind, "question_id": number, "creation_date": 1714557600, "title": "How?", "excerpt": "…"}
            | ({"answer_id": number + 1} if kind == "answer" else {})
            for number in shown
            for kind in ("question", "answer")
        ]
        body: dict[str, object] = {"items": items, "has_more": page * size < len(numbers)}
        body |= {"quota_max": 300, "quota_remaining": self.quota}
        return as_json(body | ({"backoff": self.backoff} if self.backoff else {}))


def throttled(seconds: int) -> Answer:
    """``throttle_violation``: https://api.stackexchange.com/docs/error-handling."""
    message = f"too many requests from this IP, more requests available in {seconds} seconds"
    return as_json({"error_id": 502, "error_name": "throttle_violation", "error_message": message}, 400)


@dataclass
class Lobsters(Service):
    """https://github.com/lobsters/lobsters: ``/domains/NAME.json``."""

    address: str = "https://lobste.rs/domains"
    stories: dict[str, list[str]] = field(default_factory=dict)
    """Host without ``www.`` -> URLs of stories, the newest first."""

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        host = urlsplit(request.target).path.removeprefix("/domains/").removesuffix(".json")
        if host not in self.stories:
            return Answer(body="<html><title>Not Found</title></html>", status=404)
        page = int(query.get("page", "1"))
        shown = list(enumerate(self.stories[host]))[(page - 1) * 25 : page * 25]
        return as_json(
            [
                {
                    "short_id": f"s{number}",
                    "short_id_url": f"https://lobste.rs/s/s{number}",
                    "comments_url": f"https://lobste.rs/s/s{number}/a_title",
                    "created_at": "2024-05-01T10:00:00.000-05:00",
                    "title": f"Story {number}",
                    "url": url,
                    "score": 3,
                    "submitter_user": "someone",
                    "tags": ["web"],
                }
                for number, url in shown
            ]
        )


@dataclass
class Lemmy(Service):
    """The search of a Lemmy instance: https://lemmy.readme.io/reference/get_search."""

    address: str = "https://lemmy.world/api/v3"
    posts: list[dict[str, str]] = field(default_factory=list)
    """Each with ``ap_id``, and ``body`` or ``url``."""
    comments: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        if query["type_"] == "Url":
            posts, comments = [post for post in self.posts if post.get("url") == query["q"]], []
        else:
            posts = [post for post in self.posts if query["q"] in post.get("body", "")]
            comments = [comment for comment in self.comments if query["q"] in comment["content"]]
        start, end = (int(query["page"]) - 1) * int(query["limit"]), int(query["page"]) * int(query["limit"])
        return as_json(
            {
                "type_": query["type_"],
                "posts": [
                    {"post": {"id": 1, "name": "A post", "published": "2024-05-01T10:00:00Z"} | post}
                    for post in posts[start:end]
                ],
                "comments": [{"comment": comment, "post": {}} for comment in comments[start:end]],
                "communities": [],
                "users": [],
            }
        )


@dataclass
class Marginalia(Service):
    """https://about.marginalia-search.com/article/api/."""

    address: str = "https://api2.marginalia-search.com"
    pages: list[str] = field(default_factory=list)
    key: str = "public"

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        if self.headers[-1].get("api-key") != self.key:
            return Answer(status=401)
        size, page = int(query["count"]), int(query["page"])
        shown = self.pages[(page - 1) * size : page * size]
        results = [
            {"url": url, "title": "A page", "description": "", "quality": 1.0, "format": "html5"} for url in shown
        ]
        return as_json({"license": "CC-BY-NC-SA 4.0", "query": query["query"], "page": page, "results": results})


@dataclass
class GitHub(Service):
    """https://docs.github.com/en/rest/search/search#search-code."""

    address: str = "https://api.github.com/search/code"
    files: list[tuple[str, str, bool]] = field(default_factory=list)
    """(repository, path, whether it is private)."""
    token: str = "sesame"

    def plant(self, web: FakeWeb) -> None:
        web.page(f"{self.address}?*", self._heard)

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        if self.headers[-1].get("authorization") != f"Bearer {self.token}":
            return as_json({"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}, 401)
        size, page = int(query["per_page"]), int(query["page"])
        items = [
            {
                "name": path.rpartition("/")[2],
                "path": path,
                "html_url": f"https://github.com/{name}/blob/0123/{path}",
                "repository": {"full_name": name, "private": private, "html_url": f"https://github.com/{name}"},
            }
            for name, path, private in self.files[(page - 1) * size : page * size]
        ]
        return as_json({"total_count": len(self.files), "incomplete_results": False, "items": items})


@dataclass
class Bing(Service):
    """https://learn.microsoft.com/en-us/bingwebmaster/getting-started."""

    address: str = "https://ssl.bing.com/webmaster/api.svc/json"
    links: dict[str, dict[str, list[tuple[str, str]]]] = field(default_factory=dict)
    """Site -> linked page -> (page, anchor)."""
    key: str = "sesame"
    per_page: int = 2

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        if query.get("apikey") != self.key:
            return as_json({"ErrorCode": 3, "Message": "ERROR!!! InvalidApiKey"}, 400)
        method = urlsplit(request.target).path.rpartition("/")[2]
        if method == "GetUserSites":
            return as_json({"d": [{"__type": "Site:#", "Url": site, "IsVerified": True} for site in self.links]})
        if query.get("siteUrl") not in self.links:
            return as_json({"ErrorCode": 14, "Message": "ERROR!!! NotAuthorized"}, 400)
        pages = self.links[query["siteUrl"]]
        rows: list[dict[str, object]]
        if method == "GetLinkCounts":
            name, rows = "Links", [{"Count": len(found), "Url": url} for url, found in pages.items()]
        else:
            name, rows = "Details", [{"AnchorText": text, "Url": url} for url, text in pages[query["link"]]]
        start = int(query["page"]) * self.per_page
        total = -(-len(rows) // self.per_page)
        return as_json({"d": {"__type": "L:#", name: rows[start : start + self.per_page], "TotalPages": total}})


@dataclass
class Yandex(Service):
    """https://yandex.com/dev/webmaster/doc/en/."""

    address: str = "https://api.webmaster.yandex.net/v4"
    links: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Identity of a site (``https:target.example:443``) -> (page, linked page)."""
    token: str = "sesame"

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        if self.headers[-1].get("authorization") != f"OAuth {self.token}":
            error = {"error_code": "INVALID_OAUTH_TOKEN", "error_message": "Invalid OAuth token"}
            return as_json(error, 403)
        if "application/json" not in self.headers[-1].get("accept", ""):
            return Answer(body="<Data/>", content_type="application/xml")
        path = unquote(urlsplit(request.target).path).removeprefix("/v4/user")
        if not path:
            return as_json({"user_id": 7})
        if path == "/7/hosts":
            sites = [(identity, *identity.split(":")) for identity in self.links]
            hosts = [
                {"host_id": identity, "ascii_host_url": f"{scheme}://{host}/", "verified": host != "unverified.example"}
                for identity, scheme, host, _ in sites
            ]
            return as_json({"hosts": hosts})
        identity = path.removeprefix("/7/hosts/").removesuffix("/links/external/samples")
        if identity not in self.links:
            return as_json({"error_code": "HOST_NOT_VERIFIED", "host_id": identity}, 404)
        found = self.links[identity]
        start, size = int(query["offset"]), min(100, int(query["limit"]))
        links = [
            {
                "source_url": url,
                "destination_url": to,
                "discovery_date": "2024-05-01",
                "source_last_access_date": "2024-05-02",
            }
            for url, to in found[start : start + size]
        ]
        return as_json({"count": len(found), "links": links})
