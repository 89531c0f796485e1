"""Services that know links by their target: what they are asked, what they name, and what their refusals mean."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backlinkbot.errors import SettingError
from backlinkbot.sources import SOURCES, Query, addresses_in, chosen
from backlinkbot.sources.queries import ServiceError, SourceContext, SourceResponse
from backlinkbot.targets import Targets
from backlinkbot.urls import parse
from tests.conftest import Crawl, CrawlFunction, links
from tests.fakesources import (
    Bing,
    GitHub,
    HackerNews,
    Lemmy,
    Lobsters,
    Marginalia,
    Service,
    StackExchange,
    Wiki,
    Yandex,
    as_json,
    throttled,
    too_many,
)
from tests.fakeweb import Answer, FakeWeb
from tests.test_sources import counted, found_by

T = "https://target.example/"
CONTACT = "https://me.example/bot"
LINKING = [source.name for source in SOURCES.values() if source.finds_links]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services without a pace of their own."""
    for name in LINKING:
        source = SOURCES[name]
        monkeypatch.setitem(SOURCES, name, replace(source, delay=0.0, pause=source.pause and 0.1))


@pytest.fixture
def asking(crawl: CrawlFunction, tmp_path: Path) -> CrawlFunction:
    """A crawl from a name, with a cache of its own."""

    def run(**given: object) -> Crawl:
        return crawl("discover", **({"BACKLINKBOT_CACHE_DIR": str(tmp_path / "cache")} | given))

    return run


def claims_of(found: Crawl) -> dict[str, list[tuple[str, str, str]]]:
    """Page -> (source, claimed address, verdict) of each claim."""
    return {
        page.requested_url: [(one.claim.origin, one.claim.target_url, one.verdict.value) for one in page.checked_claims]
        for page in found.visited
        if page.checked_claims
    }


# --- each service ---


def test_hacker_news_names_stories_and_comments(web: FakeWeb, asking: CrawlFunction) -> None:
    service = HackerNews(
        items=[
            {"objectID": "1", "created_at_i": 500, "url": f"{T}a", "title": "A story"},
            {
                "objectID": "2",
                "created_at_i": 400,
                "comment_text": 'See <a href="https:&#x2F;&#x2F;target.example&#x2F;b">it</a>',
            },
            {"objectID": "3", "created_at_i": 300, "story_text": f'<a href="{T}c" rel="nofollow">c</a>', "url": None},
            {"objectID": "4", "created_at_i": 200, "comment_text": "the target of example.com"},
            {"objectID": "5", "created_at_i": 100, "url": "https://target.example.evil.example/"},
            {"objectID": "6", "created_at_i": 50, "url": f"{T}gone"},
        ]
    )
    service.plant(web)
    item = "https://news.ycombinator.com/item?id="
    for number, path in ((1, "a"), (2, "b"), (3, "c")):
        web.page(f"{item}{number}", links(f"{T}{path}"))
    web.page(f"{item}6", "<p>The story was flagged.")
    found = asking(sources="hackernews")
    assert found.sources == [f"{item}{n}" for n in (1, 2, 3)]
    assert counted(found, "hackernews") == {"asked": 1, "read": 1, "named": 4, "queued": 4, "linking": 3, "stale": 1}
    assert claims_of(found)[f"{item}2"] == [("hackernews", f"{T}b", "true")]
    assert claims_of(found)[f"{item}6"] == [("hackernews", f"{T}gone", "false")]
    asked = service.questions[0]
    assert asked["query"] == '"target.example"'
    assert asked["tags"] == "(story,comment)"
    assert found_by(found)[f"{item}1"].startswith("https://hn.algolia.com/api/v1/search_by_date?")


def test_of_more_hits_than_one_answer_shows_the_older_ones_are_asked_for_by_time(
    web: FakeWeb, asking: CrawlFunction
) -> None:
    service = HackerNews(items=[{"objectID": str(n), "created_at_i": n, "url": T} for n in range(1, 1101)])
    service.plant(web)
    found = asking(sources="hackernews", max_pages="1000")
    assert counted(found, "hackernews")["named"] == 1100
    assert [question.get("numericFilters", "") for question in service.questions] == [
        "",
        "created_at_i<601",
        "created_at_i<101",
    ]


def test_stack_exchange_names_each_question_once(web: FakeWeb, asking: CrawlFunction) -> None:
    service = StackExchange(questions_of={"stackoverflow": list(range(1, 131)), "unix": [7]})
    service.plant(web)
    for n in range(1, 131):
        web.page(f"https://stackoverflow.com/questions/{n}", links(T) if n % 2 else "<p>edited away")
    web.page("https://unix.stackexchange.com/questions/7", links(f"{T}x"))
    found = asking(sources="stackexchange")
    assert len(found.sources) == 66
    expected = {"asked": 6, "read": 6, "named": 131, "queued": 131, "linking": 66, "stale": 65}
    assert counted(found, "stackexchange") == expected
    assert {question["url"] for question in service.questions} == {"*target.example*"}
    assert "key" not in service.questions[0]
    assert claims_of(found)["https://unix.stackexchange.com/questions/7"] == [
        ("stackexchange", "target.example", "true")
    ]


def test_the_key_of_stack_exchange_is_sent_and_kept_out_of_everything(
    web: FakeWeb, asking: CrawlFunction, tmp_path: Path
) -> None:
    service = StackExchange(questions_of={"stackoverflow": [1]})
    service.plant(web)
    web.page("https://stackoverflow.com/questions/1", links(T))
    history = tmp_path / "history.db"
    found = asking(
        sources="stackexchange", BACKLINKBOT_STACKEXCHANGE_KEY="sesame", BACKLINKBOT_HISTORY_URL=str(history)
    )
    assert found.sources == ["https://stackoverflow.com/questions/1"]
    assert {question["key"] for question in service.questions} == {"sesame"}
    assert "sesame" not in repr(found.rows)
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert len(kept) > 5
    assert not [data for data in kept if b"sesame" in data]


def test_lobsters_names_the_stories_of_a_host(web: FakeWeb, asking: CrawlFunction) -> None:
    urls = [f"https://www.target.example/{n}" for n in range(30)]
    service = Lobsters(stories={"target.example": urls})
    service.plant(web)
    for n in range(30):
        web.page(f"https://lobste.rs/s/s{n}/a_title", f'<a href="{urls[n]}">Story {n}</a>')
    found = asking(sources="lobsters", targets="www.target.example")
    assert len(found.sources) == 30
    assert service.paths == ["/domains/target.example.json"] * 2
    assert counted(found, "lobsters") == {"asked": 2, "read": 2, "named": 30, "queued": 30, "linking": 30}


def test_a_host_that_lobsters_does_not_know_is_an_answer(web: FakeWeb, asking: CrawlFunction) -> None:
    Lobsters().plant(web)
    assert counted(asking(sources="lobsters"), "lobsters") == {"asked": 1, "read": 1}


def test_lemmy_names_posts_and_comments_of_any_instance(web: FakeWeb, asking: CrawlFunction) -> None:
    service = Lemmy(
        posts=[
            {"ap_id": "https://lemmy.world/post/1", "body": f"Read [this]({T}a)."},
            {"ap_id": "https://other.example/post/2", "url": T},
            {"ap_id": "https://lemmy.world/post/3", "body": "nottarget.example is another"},
        ],
        comments=[{"ap_id": "https://other.example/comment/4", "content": f"<{T}b>, I think"}],
    )
    service.plant(web)
    web.page("https://lemmy.world/post/1", links(f"{T}a"))
    web.page("https://other.example/post/2", links(T))
    web.page("https://other.example/comment/4", links(f"{T}b"))
    found = asking(sources="lemmy")
    pages = ["https://lemmy.world/post/1", "https://other.example/comment/4", "https://other.example/post/2"]
    assert found.sources == pages
    assert [(q["type_"], q["q"]) for q in service.questions] == [("All", "target.example"), ("Url", T)]
    assert [claims_of(found)[page] for page in pages] == [
        [("lemmy", f"{T}a", "true")],
        [("lemmy", f"{T}b", "true")],
        [("lemmy", T, "true")],
    ]


def test_lemmy_is_asked_for_the_next_part(web: FakeWeb, asking: CrawlFunction) -> None:
    service = Lemmy(posts=[{"ap_id": f"https://lemmy.world/post/{n}", "body": f"{T}{n}"} for n in range(70)])
    service.plant(web)
    found = asking(sources="lemmy")
    assert counted(found, "lemmy")["named"] == 70
    assert [q["page"] for q in service.questions if q["type_"] == "All"] == ["1", "2"]


def test_marginalia_names_pages_that_link_to_a_host(web: FakeWeb, asking: CrawlFunction) -> None:
    service = Marginalia(pages=[f"https://small{n}.example/" for n in range(103)])
    service.plant(web)
    for n in range(103):
        web.page(f"https://small{n}.example/", links(T) if n < 100 else "<p>nothing of it")
    found = asking(sources="marginalia")
    assert counted(found, "marginalia") == {
        "asked": 2, "read": 2, "named": 103, "queued": 103, "linking": 100, "stale": 3,
    }  # fmt: skip
    assert service.questions[0]["query"] == "links:target.example"


def test_marginalia_gets_a_key_of_the_users_own(web: FakeWeb, asking: CrawlFunction) -> None:
    Marginalia(pages=["https://a.example/"], key="sesame").plant(web)
    web.page("https://a.example/", links(T))
    assert asking(sources="links", BACKLINKBOT_MARGINALIA_KEY="sesame").sources == ["https://a.example/"]
    assert counted(asking(sources="marginalia"), "marginalia") == {"asked": 1, "refused": 1}


def test_github_names_repositories_and_files(web: FakeWeb, asking: CrawlFunction) -> None:
    files = [("me/tool", "README.md", False), ("me/tool", "docs/a.md", False), ("me/secret", "README.md", True)]
    files += [("me/many", f"{n}.txt", False) for n in range(100)]
    service = GitHub(files=files)
    service.plant(web)
    web.page("https://github.com/me/tool", links(T))
    web.page("https://github.com/me/tool/blob/0123/docs/a.md", links(T))
    found = asking(sources="github", BACKLINKBOT_GITHUB_TOKEN="sesame")
    assert found.sources == ["https://github.com/me/tool", "https://github.com/me/tool/blob/0123/docs/a.md"]
    assert "https://github.com/me/secret" not in found.asked
    assert [question["page"] for question in service.questions] == ["1", "2"]
    assert service.questions[0]["q"] == '"target.example"'
    assert service.headers[0]["x-github-api-version"] == "2022-11-28"


def test_bing_names_links_to_the_users_own_sites(web: FakeWeb, asking: CrawlFunction) -> None:
    pages = {
        T: [("https://a.example/", "Home"), ("https://b.example/", "Old")],
        f"{T}x": [("https://a.example/x", "X")],
    }
    pages |= {f"{T}y": [(f"https://c.example/{n}", "Y") for n in range(3)]}
    service = Bing(
        links={T: pages, "https://another.example/": {"https://another.example/": [("https://d.example/", "")]}}
    )
    service.plant(web)
    web.page("https://a.example/", f"<a href={T}>Home</a>")
    web.page("https://b.example/", f"<a href={T}>New</a>")
    web.page("https://a.example/x", f"<a href={T}x>X</a>")
    found = asking(sources="bing", BACKLINKBOT_BING_KEY="sesame")
    assert found.sources == ["https://a.example/", "https://a.example/x", "https://b.example/"]
    assert counted(found, "bing").items() >= {"asked": 7, "read": 7, "named": 6}.items()
    verdicts = {page: said[0][2] for page, said in claims_of(found).items()}
    assert verdicts["https://a.example/"] == "true"
    assert verdicts["https://b.example/"] == "false", "the anchor differs"
    assert {path.rpartition("/")[2] for path in service.paths} == {"GetUserSites", "GetLinkCounts", "GetUrlLinks"}
    assert not [name for name in found_by(found).values() if "sesame" in name]


def test_yandex_names_links_to_the_users_own_sites(web: FakeWeb, asking: CrawlFunction) -> None:
    own = [(f"https://a.example/{n}", f"{T}{n}") for n in range(120)]
    service = Yandex(
        links={
            "https:target.example:443": own,
            "https:another.example:443": [("https://d.example/", "https://another.example/")],
            "https:unverified.example:443": [],
        }
    )
    service.plant(web)
    for n in range(120):
        web.page(f"https://a.example/{n}", links(f"{T}{n}"))
    found = asking(sources="yandex", BACKLINKBOT_YANDEX_TOKEN="sesame")
    assert len(found.sources) == 120
    assert counted(found, "yandex") == {"asked": 4, "read": 4, "named": 120, "queued": 120, "linking": 120}
    assert "https://d.example/" not in found.asked


def test_wikimedia_is_every_large_wikipedia_and_its_sisters(web: FakeWeb, asking: CrawlFunction) -> None:
    hosts = ("en.wikipedia.org", "de.wikipedia.org", "commons.wikimedia.org", "www.wikidata.org")
    wikis = {host: Wiki(host, {"A b": [f"{T}{host}"], "Other": ["https://x.example/"]}) for host in hosts}
    for wiki in wikis.values():
        wiki.plant(web)
    found = asking(sources="wikimedia", contact=CONTACT)
    assert found.sources == sorted(f"https://{host}/wiki/A_b" for host in hosts)
    assert counted(found, "wikis") == {"asked": 20, "read": 4, "named": 4, "queued": 4, "linking": 4, "failed": 16}
    assert wikis["commons.wikimedia.org"].questions[0]["eunamespace"] == "0|6|14"
    assert wikis["de.wikipedia.org"].questions[0]["eunamespace"] == "0"
    assert claims_of(found)["https://de.wikipedia.org/wiki/A_b"] == [("wikis", f"{T}de.wikipedia.org", "true")]


# --- refusals and limits ---

REFUSALS: list[tuple[str, Callable[[], Service], Answer, dict[str, int]]] = [
    ("hackernews", HackerNews, Answer(status=403), {"refused": 1}),
    ("hackernews", HackerNews, Answer(status=500), {"failed": 1}),
    ("hackernews", HackerNews, Answer(body="<html>"), {"failed": 1}),
    ("hackernews", HackerNews, as_json({"hits": None}), {"failed": 1}),
    ("lobsters", Lobsters, Answer(status=403), {"refused": 1}),
    ("lobsters", Lobsters, as_json({"error": "x"}), {"failed": 1}),
    ("stackexchange", StackExchange, as_json({"error_id": 400, "error_name": "bad_parameter"}, 400), {"failed": 1, "read": 4}),
    ("stackexchange", StackExchange, as_json({"error_id": 403}, 403), {"refused": 1, "read": 4}),
    ("stackexchange", StackExchange, as_json({"error_id": 403}), {"refused": 1, "read": 4}),
    ("lemmy", Lemmy, as_json({"error": "unknown"}, 400), {"failed": 1, "read": 1}),
    ("marginalia", Marginalia, Answer(status=401), {"refused": 1}),
    ("github", GitHub, as_json({"message": "Bad credentials"}, 401), {"refused": 1}),
    ("github", GitHub, as_json({"message": "Forbidden"}, 403), {"refused": 1}),
    ("github", GitHub, as_json({"message": "Validation Failed", "errors": []}, 422), {"failed": 1}),
    ("bing", Bing, as_json({"ErrorCode": 3, "Message": "ERROR!!! InvalidApiKey"}, 400), {"refused": 1}),
    ("bing", Bing, as_json({"ErrorCode": 2, "Message": "ERROR!!! UnknownError"}, 400), {"failed": 1}),
    ("bing", Bing, as_json({"d": None}), {"read": 1}),
    ("yandex", Yandex, as_json({"error_code": "INVALID_OAUTH_TOKEN"}, 403), {"refused": 1}),
    ("yandex", Yandex, as_json({"user_id": "x"}), {"failed": 1}),
]  # fmt: skip
KEYS = {
    "BACKLINKBOT_BING_KEY": "sesame",
    "BACKLINKBOT_GITHUB_TOKEN": "sesame",
    "BACKLINKBOT_YANDEX_TOKEN": "sesame",
}


@pytest.mark.parametrize("case", REFUSALS, ids=[f"{case[0]}-{n}" for n, case in enumerate(REFUSALS)])
def test_a_refusal_is_counted_and_ends_nothing(
    web: FakeWeb, asking: CrawlFunction, case: tuple[str, Callable[[], Service], Answer, dict[str, int]]
) -> None:
    name, make, refusal, counts = case
    service = make()
    service.refusals = [refusal]
    service.plant(web)
    web.page("https://a.example/", links(T))
    found = asking(sources=name, seeds="https://a.example/", **KEYS)
    assert found.sources == ["https://a.example/"]
    asked = counted(found, name)
    del asked["asked"]
    assert asked == counts


NOT_NOW: list[tuple[str, Callable[[], Service], Answer]] = [
    ("hackernews", HackerNews, too_many()),
    ("lobsters", Lobsters, too_many()),
    ("stackexchange", StackExchange, throttled(0)),
    ("lemmy", Lemmy, as_json({"error": "rate_limit_error"}, 400)),
    ("lemmy", Lemmy, too_many()),
    ("marginalia", Marginalia, Answer(status=503)),
    ("github", GitHub, as_json({"message": "API rate limit exceeded"}, 403, ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1"))),
    ("bing", Bing, as_json({"ErrorCode": 4, "Message": "ERROR!!! ThrottleUser"}, 400)),
    ("yandex", Yandex, as_json({"error_code": "TOO_MANY_REQUESTS_ERROR"}, 429)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "refusal"), NOT_NOW, ids=[f"{r[0]}-{n}" for n, r in enumerate(NOT_NOW)])
def test_a_service_that_says_not_now_is_asked_again(
    web: FakeWeb, asking: CrawlFunction, name: str, make: Callable[[], Service], refusal: Answer
) -> None:
    service = make()
    service.refusals = [refusal]
    service.plant(web)
    found = asking(sources=name, **KEYS)
    counts = counted(found, name)
    assert counts["put_off"] == 1
    assert "failed" not in counts
    assert counts["read"] == counts["asked"] - 1


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("stackexchange", throttled(5000)),
        ("stackexchange", as_json({"items": [], "has_more": False, "backoff": 900, "quota_remaining": 9})),
        ("stackexchange", as_json({"items": [], "has_more": False, "quota_remaining": 0})),
        ("hackernews", too_many(3600)),
    ],
    ids=["throttle_violation", "backoff", "quota", "429"],
)
def test_a_service_that_wants_a_long_pause_is_left_alone_by_this_run_and_the_next(
    web: FakeWeb, asking: CrawlFunction, name: str, answer: Answer
) -> None:
    service = StackExchange() if name == "stackexchange" else HackerNews()
    service.refusals = [answer]
    service.plant(web)
    web.page("https://a.example/", links(T))
    asking(sources=name, seeds="https://a.example/", targets=["target.example", "other.example"])
    assert len(service.questions) == 1
    service.questions.clear()
    found = asking(sources=name, seeds="https://a.example/", targets="third.example")
    assert service.questions == []
    assert set(counted(found, name)) == {"asked", "left_alone"}


def error(status: int, body: bytes = b"", **headers: str) -> ServiceError:
    return ServiceError(
        status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body
    )


def test_how_long_github_wants_to_be_left_alone() -> None:
    source = SOURCES["github"]
    in_a_while = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 30)}
    assert 25 < source.pause_of(in_a_while, b"") < 31
    assert source.pause_of({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "99999999999"}, b"") == 0
    assert source.pause_of({}, b'{"message": "You have exceeded a secondary rate limit."}') == 60
    assert source.read_error(error(403, b'{"message": "You have exceeded a secondary rate limit."}')) is not None
    assert source.read_error(error(403)) is None


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"[1, null, {}]",
    b'{"hits": [1, {"objectID": {}}, {"objectID": "x"}]}',
    b'{"items": [null, {"question_id": "1"}, {"repository": 3, "path": 1}], "total_count": "9", "has_more": 1}',
    b'{"posts": [1, {"post": 2}], "comments": 3}',
    b'{"results": [{"url": 3}, 4]}',
    b'{"d": 3}',
    b'{"d": {"Links": 3, "Details": [4], "TotalPages": "many"}}',
    b'{"links": [4, {"source_url": 5}], "count": [], "hosts": [{"verified": true}], "user_id": 7}',
    b'{"user_id": -1}',
    b"[" * 5000,
    b'[{"comments_url": 3, "url": []}, {"comments_url": "https://lobste.rs/s/1", "url": "http://[::"}]',
]


@pytest.mark.parametrize("name", [name for name in LINKING if name != "wikis"])
def test_answers_of_any_shape_name_nothing(name: str) -> None:
    context = SourceContext(targets=Targets.parse(["target.example"]), today=None)  # type: ignore[arg-type]
    queries = list(SOURCES[name].of_user(context))
    if name == "bing":
        queries += [replace(queries[0], url=f"https://ssl.bing.com/{method}?siteUrl={T}&link={T}&page=0") for method in ("GetLinkCounts", "GetUrlLinks")]  # fmt: skip
    if name == "yandex":
        base = queries[0].url
        queries += [replace(queries[0], url=f"{base}/7/hosts"), replace(queries[0], url=f"{base}/7/hosts/a/links/external/samples?offset=0")]  # fmt: skip
    for query in queries:
        url = parse(query.url)
        assert url is not None
        for body in HOSTILE:
            answer = SourceResponse(query=query, url=url, body=body, headers={}, max_bytes=1000)
            reading = SOURCES[name].read(answer, context)
            assert reading is None or not reading.named
            said = SOURCES[name].read_error(error(400, body))
            assert said is None or not said.named
            assert SOURCES[name].pause_of({}, body) == 0


# --- which are asked ---

BY_DEFAULT = ["hackernews", "lobsters", "stackexchange", "lemmy"]


def services(words: list[str], **given: object) -> list[str]:
    choice = chosen(words, **given)  # type: ignore[arg-type]
    return [source.name for source in choice.sources if source.is_service]


@pytest.mark.parametrize(
    ("words", "given", "names"),
    [
        ([], {}, []),
        ([], {"is_from_name": True}, BY_DEFAULT),
        (["no-guess", "no-lemmy"], {"is_from_name": True}, BY_DEFAULT[:3]),
        ([], {"is_from_name": True, "contact": CONTACT}, [*BY_DEFAULT, "wikis"]),
        (["no-wikimedia"], {"is_from_name": True, "contact": CONTACT}, BY_DEFAULT),
        (["none"], {"is_from_name": True, "contact": CONTACT}, []),
        (["lobsters"], {"is_from_name": True, "contact": CONTACT}, ["lobsters"]),
        (["wikipedia:de"], {"is_from_name": True, "contact": CONTACT}, ["wikis"]),
        (["links"], {}, BY_DEFAULT),
        (["links", "cdx", "no-stackexchange"], {}, ["hackernews", "lobsters", "lemmy", "cdx"]),
        (["links"], {"keys": ["BACKLINKBOT_BING_KEY"]}, [*BY_DEFAULT, "bing"]),
        (["links"], {"keys": list(KEYS)}, [*BY_DEFAULT, "github", "bing", "yandex"]),
        (["links"], {"keys": ["BACKLINKBOT_MARGINALIA_KEY"]}, [*BY_DEFAULT, "marginalia"]),
        (["marginalia", "hackernews"], {}, ["hackernews", "marginalia"]),
    ],
)
def test_who_is_asked(words: list[str], given: dict[str, object], names: list[str]) -> None:
    assert services(words, **given) == names


def test_what_is_left_out_and_why() -> None:
    left = chosen([], is_from_name=True).left_out
    assert list(left) == ["marginalia", "github", "bing", "yandex", "commoncrawl", "wikimedia"]
    assert "BACKLINKBOT_GITHUB_TOKEN" in left["github"]
    assert "--contact" in left["wikimedia"]


@pytest.mark.parametrize("word", ["github", "bing", "yandex"])
def test_a_service_that_needs_a_key_says_which(word: str) -> None:
    with pytest.raises(SettingError, match=f"--source {word}: it needs .*BACKLINKBOT_"):
        chosen([word])


def test_a_misspelt_source_has_a_suggestion() -> None:
    with pytest.raises(SettingError, match="did you mean lobsters"):
        chosen(["lobster"])


# --- other addresses ---


def test_a_service_may_be_elsewhere(web: FakeWeb, asking: CrawlFunction) -> None:
    Lemmy("https://lemmy.example/api/v3", posts=[{"ap_id": "https://lemmy.example/post/1", "body": T}]).plant(web)
    wiki = Wiki("mirror.example", {"A": [T]})
    web.page("https://mirror.example/en.wikipedia.org/w/api.php?*", wiki._answer)
    web.page("https://lemmy.example/post/1", links(T))
    addresses = "lemmy=https://lemmy.example/api/v3/ wikis=https://mirror.example/{host}/w/api.php"
    found = asking(sources="lemmy,wikipedia", contact=CONTACT, BACKLINKBOT_SOURCE_ADDRESSES=addresses)
    assert found.sources == ["https://lemmy.example/post/1"]
    assert counted(found, "wikis")["read"] == 1
    assert not web.hits_of("lemmy.world")


@pytest.mark.parametrize(
    "pair", ["", "lemmy", "lemmy=", "lemmy=ftp://a.example", "feeds=https://a.example", "x=https://a.example"]
)
def test_an_address_that_is_none(pair: str) -> None:
    with pytest.raises(SettingError, match="NAME=URL"):
        addresses_in([pair])


def test_every_default_address_can_be_replaced() -> None:
    address = "https://test.example/x"
    addresses = dict.fromkeys(LINKING, address) | {"wikis": f"{address}/{{host}}/api.php"}
    wikis = ("https://en.wikipedia.org/w/api.php",)
    context = SourceContext(targets=Targets.parse(["target.example"]), today=None, addresses=addresses, wikis=wikis)  # type: ignore[arg-type]
    for name in set(LINKING) - {"commoncrawl"}:  # which is no single document: test_spiders_commoncrawl_evidence
        queries: list[Query] = list(SOURCES[name].of_user(context))
        assert queries
        assert all(query.url.startswith(address) for query in queries), name
