"""robots.txt as RFC 9309 and Google's parser read it: tables, and real files judged by a second reader."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.extract.robots_rules import BOUND_BY_NAME_ONLY, FALLBACKS, MAX_BYTES, RobotsFile, Rule
from tests.conformance.shared_data import unpacked

U = "http://foo.bar"


def allows(body: str | bytes, agent: str, path: str) -> bool:
    raw = body.encode() if isinstance(body, str) else body
    return RobotsFile(raw).rules_for(agent).allows(U + path)


GROUPS = """allow: /foo/bar/

user-agent: FooBot
disallow: /
allow: /x/
user-agent: BarBot
disallow: /
allow: /y/


allow: /w/
user-agent: BazBot

user-agent: FooBot
allow: /z/
disallow: /
"""
ONLY = "user-agent: FooBot\ndisallow: /\n"
LONG = "/x/" + "a" * (2083 * 8 - 1 - len("/x/") - len("disallow: "))


@pytest.mark.parametrize(
    ("body", "agent", "path", "allowed"),
    [
        # How lines are written.
        ("", "FooBot", "/", True),
        (ONLY, "FooBot", "/x/y", False),
        (ONLY, "foobot", "/x/y", False),
        (ONLY, "FooBot", "/robots.txt", True),
        ("foo: FooBot\nbar: /\n", "FooBot", "/x", True),
        ("user-agent FooBot\ndisallow /\n", "FooBot", "/x", False),
        ("user-agent FooBot Bar\ndisallow /\n", "FooBot", "/x", True),
        ("USER-AGENT: FooBot\nDISALLOW: /\n", "FooBot", "/x", False),
        ("User-Agent : FooBot \t\n \t Disallow\t: /x  # why\n", "FooBot", "/x", False),
        ("user-agent: FooBot\n# disallow: /\ndisallow: /quz#qux\n", "FooBot", "/bar", True),
        ("user-agent: FooBot\n# disallow: /\ndisallow: /quz#qux\n", "FooBot", "/quz", False),
        *((f"user-agent: FooBot\n{key}: /\n", "FooBot", "/x", False) for key in ("disalow", "Dissallow", "diasllow")),
        *(
            (f"{key}: FooBot\ndisallow: /\n", "FooBot", "/x", False)
            for key in ("useragent", "User Agent", "user-agents")
        ),
        ("user-agent: FooBot\rdisallow: /x\r", "FooBot", "/x", False),
        ("user-agent: FooBot\r\n\r\ndisallow: /x", "FooBot", "/x", False),
        (b"\xef\xbb\xbfuser-agent: FooBot\ndisallow: /", "FooBot", "/x", False),
        (b"\xef\xbbuser-agent: FooBot\ndisallow: /", "FooBot", "/x", False),
        (b"\xef\xbf\xbduser-agent: FooBot\ndisallow: /", "FooBot", "/x", True),
        (b"user-agent: FooBot\ndisallow: /a\0b\n", "FooBot", "/ac", False),
        (b"\0user-agent: FooBot\ndisallow: /\n", "FooBot", "/", True),
        ("\ufeffuser-agent: *\ndisallow: /".encode("utf-16"), "FooBot", "/", True),
        ("user-agent: FooBot\ndisallow: /x\u2028/y\n", "FooBot", "/x", True),
        ("<!doctype html>\n<p>user-agent: *\n<p>disallow: /\n", "FooBot", "/", True),
        (f"user-agent: FooBot\ndisallow: {LONG}/qux\n", "FooBot", "/fux", True),
        (f"user-agent: FooBot\ndisallow: {LONG}/qux\n", "FooBot", f"{LONG}/fux", False),
        # Who is meant.
        ("user-agent: FooBot/1.0\ndisallow: /\n", "FooBot", "/", False),
        ("user-agent: FooBot/1.0\ndisallow: /\n", "FooBot/2.0 (+https://foo.bar/)", "/", False),
        ("user-agent: Foo Bar\ndisallow: /\n", "Foo", "/", False),
        ("user-agent: Foo*\ndisallow: /\n", "Foo", "/", False),
        ("user-agent: *foo\ndisallow: /\n", "Foo", "/", True),
        ("user-agent: Google\ndisallow: /\n", "googlebot", "/", True),
        ("user-agent: Googlebot\ndisallow: /\n", "google", "/", True),
        ("user-agent: bot\ndisallow: /\n", "foo-bot", "/", True),
        ("user-agent: MJ12bot/1\ndisallow: /\n", "mj12bot", "/", False),
        ("user-agent: MJ99bot\ndisallow: /\n", "mj12bot", "/", True),
        ("user-agent: * what\ndisallow: /\n", "FooBot", "/", False),
        (b"user-agent: *\xa0\ndisallow: /\n", "FooBot", "/", True),
        ("user-agent:\ndisallow: /\n", "FooBot", "/", True),
        ("user-agent: *\ndisallow: /\nuser-agent: FooBot\nallow: /\n", "FooBot", "/", True),
        ("user-agent: *\ndisallow: /\nuser-agent: FooBot\nallow: /\n", "BarBot", "/", False),
        ("user-agent: *\ndisallow: /\nuser-agent: FooBot\ndisallow:\n", "FooBot", "/", True),
        ("user-agent: *\ndisallow: /\nuser-agent: FooBot\n", "FooBot", "/", True),
        ("user-agent: Googlebot\ndisallow: /\n", "Googlebot-Image", "/", False),
        ("user-agent: Googlebot\ndisallow: /\nuser-agent: Googlebot-Image\nallow: /\n", "Googlebot-Image", "/", True),
        ("user-agent: Googlebot-Image\ndisallow: /\n", "Googlebot", "/", True),
        ("user-agent: *\ndisallow: /\n", "AdsBot-Google", "/", True),
        ("user-agent: AdsBot-Google\ndisallow: /\n", "AdsBot-Google", "/", False),
        # What makes a group.
        (GROUPS, "FooBot", "/x/b", True),
        (GROUPS, "FooBot", "/z/d", True),
        (GROUPS, "FooBot", "/y/c", False),
        (GROUPS, "BarBot", "/y/c", True),
        (GROUPS, "BarBot", "/w/a", True),
        (GROUPS, "BarBot", "/z/d", False),
        (GROUPS, "BazBot", "/z/d", True),
        *((GROUPS, agent, "/foo/bar/", False) for agent in ("FooBot", "BarBot", "BazBot")),
        ("user-agent: BarBot\nSitemap: https://x.y/s\nuser-agent: *\ndisallow: /\n", "BarBot", "/", False),
        ("user-agent: FooBot\nwhat: ever\nuser-agent: *\ndisallow: /\n", "FooBot", "/", False),
        ("user-agent: *\nCrawl-delay: 10\n\nuser-agent: other\nDisallow: /x\n", "FooBot", "/x", False),
        ("user-agent: *\nDisallow:\nuser-agent: other\nDisallow: /x\n", "FooBot", "/x", True),
        # Which rule decides.
        ("user-agent: a\ndisallow: /x/\n", "a", "/X/", True),
        ("user-agent: a\ndisallow: /x/page.html\nallow: /x/\n", "a", "/x/page.html", False),
        ("user-agent: a\nallow: /x/page.html\ndisallow: /x/\n", "a", "/x/page.html", True),
        ("user-agent: a\ndisallow: /\nallow: /\n", "a", "/x", True),
        ("user-agent: a\ndisallow: /x\nallow: /x/\n", "a", "/x", False),
        ("user-agent: a\ndisallow: /x\nallow: /x/\n", "a", "/x/", True),
        ("user-agent: a\nallow: /page\ndisallow: /*.html\n", "a", "/page.html", False),
        ("user-agent: a\nallow: /x/page.\ndisallow: /*.html\n", "a", "/x/page.html", True),
        ("user-agent: a\nallow: /abc\ndisallow: /*?\n", "a", "/abc?x", True),
        ("user-agent: a\nallow: /page\ndisallow: /*.htm\n", "a", "/page.htm", False),
        ("user-agent: a\nallow: /$\ndisallow: /\n", "a", "/", True),
        ("user-agent: a\nallow: /$\ndisallow: /\n", "a", "/p", False),
        # What a pattern means.
        ("user-agent: a\ndisallow: /foo/*/qux\n", "a", "/foo//qux", False),
        ("user-agent: a\ndisallow: /foo/*/qux\n", "a", "/foo/qux", True),
        ("user-agent: a\ndisallow: /foo$\n", "a", "/foo/", True),
        ("user-agent: a\ndisallow: /foo$\n", "a", "/foo", False),
        ("user-agent: a\ndisallow: /fo$o\n", "a", "/fo$o", False),
        ("user-agent: a\ndisallow: /*.php$\n", "a", "/a.php/b.php", False),
        ("user-agent: a\ndisallow: /*.php$\n", "a", "/a.php?x", True),
        ("user-agent: a\ndisallow: /a*a$\n", "a", "/a", True),
        ("user-agent: a\ndisallow: *x\n", "a", "/yx", False),
        ("user-agent: a\ndisallow: x\n", "a", "/x", True),
        ("user-agent: a\ndisallow: http://foo.bar/x\n", "a", "/x", True),
        ("user-agent: a\ndisallow: /a?b\n", "a", "/a?bc", False),
        ("user-agent: a\nallow: /s/index.html\ndisallow: /\n", "a", "/s/", True),
        ("user-agent: a\nallow: /s/index.html\ndisallow: /\n", "a", "/s/index.htm", False),
        ("user-agent: a\ndisallow: /s/index.html\n", "a", "/s/", True),
        # How octets are written.
        ("user-agent: a\ndisallow: /\nallow: /b/ツ\n", "a", "/b/%E3%83%84", True),
        ("user-agent: a\ndisallow: /\nallow: /b/%e3%83%84\n", "a", "/b/%E3%83%84", True),
        (b"user-agent: a\ndisallow: /\nallow: /\xe9\n", "a", "/%E9", True),
        (b"user-agent: a\ndisallow: /\nallow: /\xe9\n", "a", "/%E8", False),
        ("user-agent: a\ndisallow: /%7euser\n", "a", "/~user", False),
        ("user-agent: a\ndisallow: /a%2fb\n", "a", "/a/b", True),
        ("user-agent: a\ndisallow: /a%2fb\n", "a", "/a%2Fb", False),
        ("user-agent: a\ndisallow: /a%zz%4\n", "a", "/a%zz%4", False),
    ],
)
def test_what_is_allowed(body: str | bytes, agent: str, path: str, *, allowed: bool) -> None:
    assert allows(body, agent, path) is allowed


def test_of_a_file_that_is_too_long_whole_lines_count() -> None:
    assert MAX_BYTES == 500 * 1024, "500 KiB: RFC 9309, 2.5, and Google's documentation"
    start = b"user-agent: *\ndisallow: /first\n"
    filler = b"#" * (MAX_BYTES - len(start) - len(b"\ndisallow: /")) + b"\n"
    body = start + filler + b"disallow: /last\nallow: /\n"
    assert body[:MAX_BYTES].endswith(b"disallow: /")
    assert (allows(body, "a", "/first"), allows(body, "a", "/last"), allows(body, "a", "/")) == (False, True, True)
    exact = start + filler[:-1] + b"\ndisallow: /"
    assert len(exact) == MAX_BYTES
    assert not allows(exact, "a", "/any")
    assert not allows(exact + b"\n# more", "a", "/any")


@pytest.mark.parametrize(
    ("body", "agent", "delay"),
    [
        ("user-agent: *\ncrawl-delay: 2.5\n", "a", 2.5),
        ("user-agent: *\ncrawl-delay: 2\nuser-agent: a\ndisallow: /x\n", "a", None),
        ("user-agent: a\ncrawl-delay: 2\nuser-agent: *\ndisallow: /x\n", "a", 2.0),
        ("user-agent: a\ncrawl-delay: 2\nuser-agent: *\ncrawl-delay: 9\ndisallow: /x\n", "a", 2.0),
        ("user-agent: b\nuser-agent: a\ndisallow: /x\ncrawl-delay: 3\n", "a", 3.0),
        ("user-agent: a\ncrawl-delay: 1\n\nuser-agent: b\ndisallow: /\n\nuser-agent: a\ncrawl-delay: 4\n", "a", 4.0),
        ("user-agent: a\ncrawl-delay: soon\n", "a", None),
        ("user-agent: a\ncrawl-delay: -1\n", "a", None),
        ("user-agent: a\ncrawl-delay: inf\n", "a", None),
        ("crawl-delay: 5\nuser-agent: a\ndisallow: /x\n", "a", None),
    ],
)
def test_crawl_delays(body: str, agent: str, delay: float | None) -> None:
    assert RobotsFile(body.encode()).rules_for(agent).crawl_delay == delay


def test_sitemaps() -> None:
    body = b"Sitemap: https://a.example/1\nsitemaps:/2\nSite-map https://a.example/3\nsitemapping\nsitemap:\n#sitemap: /4\n"
    assert RobotsFile(body).sitemaps == ("https://a.example/1", "/2", "https://a.example/3")


@given(st.binary(max_size=300), st.text(max_size=20), st.text(max_size=30))
def test_whatever_a_file_holds_it_is_read(body: bytes, agent: str, path: str) -> None:
    file = RobotsFile(b"user-agent: *\n" + body)
    assert file.rules_for(agent).allows(f"https://a.example/{path}") in {True, False}
    assert isinstance(file.sitemaps, tuple)


_SOME = st.text("/ab*$?", max_size=12)


@given(_SOME, _SOME)
def test_patterns_match_as_googles_do(pattern: str, path: str) -> None:
    assert Rule(is_allowed=True, pattern=pattern).matches(path) is _matches(path.encode(), pattern.encode())


# --- a second reader: Google's algorithm step by step, with one pass over the file for each question -----------------------

_KEYS = {
    "agent": (b"user-agent", b"useragent", b"user agent"),
    "allow": (b"allow",),
    "disallow": (b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw"),
}
_SPACE = b" \t\n\v\f\r"
Said = tuple[str, bytes]


def _said(body: bytes) -> Iterator[Said]:
    kept = 0
    while kept < 3 and body[kept : kept + 1] == b"\xef\xbb\xbf"[kept : kept + 1]:
        kept += 1
    for raw in re.split(rb"[\r\n]", body[kept:]):
        line = raw[: 2083 * 8 - 1].split(b"\0")[0].split(b"#")[0].strip(_SPACE)
        if b":" in line:
            key, value = line.split(b":", 1)
        else:
            found = re.fullmatch(rb"([^ \t]+)[ \t]+([^ \t]+)", line)
            if found is None:
                continue
            key, value = found.groups()
        kind = next((k for k, starts in _KEYS.items() if key.strip(_SPACE).lower().startswith(starts)), "")
        if kind:
            yield kind, value.strip(_SPACE) if kind == "agent" else _escaped(value.strip(_SPACE))


def _escaped(value: bytes) -> bytes:
    value = re.sub(rb"%[0-9a-fA-F]{2}", lambda found: found[0].upper(), value)
    return re.sub(rb"[\x80-\xff]", lambda found: b"%%%02X" % found[0][0], value)


def _matches(path: bytes, pattern: bytes) -> bool:
    places = [0]
    for n, octet in enumerate(pattern):
        if octet == ord("$") and n + 1 == len(pattern):
            return bool(places) and places[-1] == len(path)
        if octet == ord("*"):
            places = list(range(places[0], len(path) + 1))
        else:
            places = [place + 1 for place in places if place < len(path) and path[place] == octet]
        if not places:
            return False
    return True


def _judged(said: list[Said], agent: bytes, path: bytes) -> bool:  # noqa: C901 - as Google's parser does it, in one piece
    best = {("allow", True): -1, ("allow", False): -1, ("disallow", True): -1, ("disallow", False): -1}
    is_all = is_ours = is_separated = was_ours = False
    for kind, value in said:
        if kind == "agent":
            if is_separated:
                is_all = is_ours = is_separated = False
            if value == b"*" or (value[:1] == b"*" and value[1:2] in _SPACE):
                is_all = True
            elif re.match(rb"[A-Za-z_-]*", value)[0].lower() == agent.lower():  # type: ignore[index]
                is_ours = was_ours = True
        elif is_all or is_ours:
            is_separated = True
            folder, slash, page = value.rpartition(b"/")
            if _matches(path, value):
                best[kind, is_ours] = max(best[kind, is_ours], len(value))
            elif kind == "allow" and (slash + page).startswith(b"/index.htm") and _matches(path, folder + b"/$"):
                best[kind, is_ours] = max(best[kind, is_ours], len(folder) + 2)
    for ours in (True, False):
        if best["allow", ours] > 0 or best["disallow", ours] > 0:
            return best["disallow", ours] <= best["allow", ours]
        if was_ours:
            return True
    return True


def _paths(said: list[Said], chance: random.Random) -> Iterator[bytes]:
    yield b"/"
    yield b"/index.html?x=1"
    patterns = [value for kind, value in said if kind != "agent" and value.startswith(b"/")]
    for pattern in chance.sample(patterns, min(4, len(patterns))):
        path = pattern.rstrip(b"$").replace(b"*", b"a")
        if re.fullmatch(rb"[!-~]+", path):
            yield from (path, path + b"x", path.rpartition(b"/")[0] + b"/")


def _agents(said: list[Said], chance: random.Random) -> set[str]:
    named = sorted({re.match(rb"[A-Za-z_-]*", value)[0].decode() for kind, value in said if kind == "agent"})  # type: ignore[index]
    special = FALLBACKS.keys() | BOUND_BY_NAME_ONLY
    some = {name for name in chance.sample(named, min(2, len(named))) if name.lower() not in special}
    return {"googlebot", "backlinkbot"} | some - {""}


@pytest.mark.slow
def test_real_files_are_read_as_google_reads_them() -> None:
    chance = random.Random(9309)
    asked, wrong = 0, []
    for file in sorted((unpacked("robots-txt") / "tests" / "test_data").iterdir()):
        body = file.read_bytes()[:MAX_BYTES]
        said, read = list(_said(body)), RobotsFile(body)
        for agent in sorted(_agents(said, chance)):
            rules = read.rules_for(agent)
            for path in _paths(said, chance):
                if path == b"/robots.txt":
                    continue
                asked += 1
                if rules.allows(U + path.decode()) != _judged(said, agent.encode(), _escaped(path)):
                    wrong.append((file.name, agent, path))
    assert asked > 50_000
    assert wrong == []
