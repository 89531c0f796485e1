"""Which targets are understood, which are refused and how, and which URLs belong to them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot import targets as targets_room
from backlinkbot import urls
from backlinkbot.errors import TargetError
from backlinkbot.targets import MAX_TARGETS, Place, Scope, Target, Targets
from backlinkbot.urls import URL

EXACT, PREFIX, DOMAIN, SUBDOMAINS = Scope


def parsed(text: str) -> URL:
    url = urls.parse(text)
    assert url is not None
    return url


def matching(targets: Iterable[str], url: str) -> list[str]:
    return [target.name for target in Targets.parse(targets).match(parsed(url))]


# --- forms that are accepted ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scope", "host", "port", "path"),
    [
        # a domain means the domain and all below it
        ("example.com", SUBDOMAINS, "example.com", "", ""),
        ("www.example.com", SUBDOMAINS, "www.example.com", "", ""),
        ("  example.com\n", SUBDOMAINS, "example.com", "", ""),
        ("EXAMPLE.Com", SUBDOMAINS, "example.com", "", ""),
        ("example.com.", SUBDOMAINS, "example.com", "", ""),
        ("example.com/", SUBDOMAINS, "example.com", "", ""),
        ("example.com:8080", SUBDOMAINS, "example.com", "8080", ""),
        ("//example.com", None, "", "", ""),
        ("https://example.com", SUBDOMAINS, "example.com", "", ""),
        ("http://example.com/", SUBDOMAINS, "example.com", "", ""),
        ("HTTPS://EXAMPLE.COM./", SUBDOMAINS, "example.com", "", ""),
        ("https://example.com:443", SUBDOMAINS, "example.com", "", ""),
        ("http://example.com:80", SUBDOMAINS, "example.com", "", ""),
        ("https://example.com:8443/", SUBDOMAINS, "example.com", "8443", ""),
        ("https://user:secret@example.com", SUBDOMAINS, "example.com", "", ""),
        ("a.github.io", SUBDOMAINS, "a.github.io", "", ""),
        ("github.io", SUBDOMAINS, "github.io", "", ""),
        ("co.uk", SUBDOMAINS, "co.uk", "", ""),
        ("bücher.example", SUBDOMAINS, "xn--bcher-kva.example", "", ""),
        ("BÜCHER.example", SUBDOMAINS, "xn--bcher-kva.example", "", ""),
        ("xn--bcher-kva.example", SUBDOMAINS, "xn--bcher-kva.example", "", ""),
        ("XN--BCHER-KVA.example", SUBDOMAINS, "xn--bcher-kva.example", "", ""),
        ("bücher。example", SUBDOMAINS, "xn--bcher-kva.example", "", ""),
        ("пример.рф", SUBDOMAINS, "xn--e1afmkfd.xn--p1ai", "", ""),
        ("127.0.0.1", SUBDOMAINS, "127.0.0.1", "", ""),
        ("127.0.0.1:8000", SUBDOMAINS, "127.0.0.1", "8000", ""),
        ("[::1]", SUBDOMAINS, "[::1]", "", ""),
        ("localhost", SUBDOMAINS, "localhost", "", ""),
        # a URL with a path means what begins so
        ("https://example.com/blog/", PREFIX, "example.com", "", "/blog/"),
        ("example.com/blog", PREFIX, "example.com", "", "/blog"),
        ("https://example.com/blog/../news/", PREFIX, "example.com", "", "/news/"),
        ("https://example.com/?p=1", PREFIX, "example.com", "", "/?p=1"),
        ("https://example.com/a#b", PREFIX, "example.com", "", "/a"),
        ("https://example.com/#b", SUBDOMAINS, "example.com", "", ""),
        ("https://example.com/%7euser/", PREFIX, "example.com", "", "/~user/"),
        ("https://example.com/ü", PREFIX, "example.com", "", "/%C3%BC"),
        ("https://example.com/%c3%bc", PREFIX, "example.com", "", "/%C3%BC"),
        # the four words
        ("exact:https://example.com/page", EXACT, "example.com", "", "/page"),
        ("exact:example.com", EXACT, "example.com", "", "/"),
        ("exact:https://example.com/page?a=1&b=%2D", EXACT, "example.com", "", "/page?a=1&b=-"),
        ("exact:https://example.com/page#part", EXACT, "example.com", "", "/page"),
        ("exact:https://example.com:8443/page", EXACT, "example.com", "8443", "/page"),
        ("prefix:example.com/blog/", PREFIX, "example.com", "", "/blog/"),
        ("prefix:example.com", PREFIX, "example.com", "", "/"),
        ("domain:example.com", DOMAIN, "example.com", "", ""),
        ("domain:https://example.com/", DOMAIN, "example.com", "", ""),
        ("subdomains:example.com", SUBDOMAINS, "example.com", "", ""),
        ("SubDomains: example.com ", SUBDOMAINS, "example.com", "", ""),
        ("EXACT:HTTPS://EXAMPLE.COM/A", EXACT, "example.com", "", "/A"),
        ("domain:intranet", DOMAIN, "intranet", "", ""),
        ("subdomains:intranet:8080", SUBDOMAINS, "intranet", "8080", ""),
        ("domain:bücher.example", DOMAIN, "xn--bcher-kva.example", "", ""),
    ],
)
def test_a_target_means(text: str, scope: Scope | None, host: str, port: str, path: str) -> None:
    if scope is None:
        with pytest.raises(TargetError):
            Target.parse(text)
    else:
        assert Target.parse(text).places == (Place(scope=scope, host=host, port=port, path=path),)


def test_the_name_is_as_written() -> None:
    assert Target.parse(" HTTPS://Example.COM/Blog/ ").name == "HTTPS://Example.COM/Blog/"


# --- forms that are refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why", "hint"),
    [
        pytest.param("", "it is empty", "write a domain (example.com)", id="empty"),
        pytest.param("  \n", "it is empty", "write a domain (example.com)", id="white space"),
        pytest.param("exact:", "it is empty", "exact:https://example.com/page", id="a scope alone"),
        pytest.param("example", "it has no dot", "write example.com, or domain:example for", id="no dot"),
        pytest.param("com", "'com' is a whole top-level domain", "example.com", id="top-level domain"),
        pytest.param("domain:com", "'com' is a whole top-level domain", "example.com", id="top-level domain, explicit"),
        pytest.param("рф", "is a whole top-level domain", "example.xn--p1ai", id="top-level domain in Unicode"),
        pytest.param("*.example.com", "'*' is not allowed", "write example.com", id="wildcard"),
        pytest.param("example.*", "'*' is not allowed", "write a domain", id="wildcard at the end"),
        pytest.param("example com", "' ' is not allowed", "write a domain", id="space"),
        pytest.param("example.com other.com", "' ' is not allowed", "write a domain", id="two in one"),
        pytest.param("<a href=x>", "'<' is not allowed", "write a domain", id="HTML"),
        pytest.param('"example.com"', "'\"' is not allowed", "write a domain", id="quotes"),
        pytest.param("https:\\\\example.com", "'\\\\' is not allowed", "write a domain", id="backslashes"),
        pytest.param("https://example.com/{id}", "'{' is not allowed", "write a domain", id="a template"),
        pytest.param("example.com\x00", "'\\x00' is not allowed", "write a domain", id="NUL"),
        pytest.param("mailto:a@example.com", "mailto: is not a web page", "write a domain", id="mailto"),
        pytest.param("javascript:alert(1)", "javascript: is not a web page", "write a domain", id="javascript"),
        pytest.param("file:///etc/passwd", "file: is not a web page", "write a domain", id="file"),
        pytest.param("data:text/html,x", "data: is not a web page", "write a domain", id="data"),
        pytest.param("ftp://example.com/", "ftp:// is not supported", "only http and https", id="ftp"),
        pytest.param("/blog/", "it names no host", "write a domain", id="a path"),
        pytest.param("//example.com", "it names no host", "write a domain", id="scheme-relative"),
        pytest.param("https://", "it is not a valid host or URL", "write a domain", id="a scheme"),
        pytest.param("example.com:99999", "it is not a valid host or URL", "write a domain", id="port too large"),
        pytest.param("example.com:http", "it is not a valid host or URL", "write a domain", id="port in words"),
        pytest.param("1.2.3.256", "it is not a valid host or URL", "write a domain", id="no IPv4"),
        pytest.param("[::1", "it is not a valid host or URL", "write a domain", id="open bracket"),
        pytest.param("exam%ple.com", "it is not a valid host or URL", "write a domain", id="per cent"),
        pytest.param("example..com", "its host has an empty label", "write a domain", id="empty label"),
        pytest.param(".example.com", "its host has an empty label", "write a domain", id="leading dot"),
        pytest.param("domain:example.com/blog/", "domain: takes a host", "prefix:example.com/blog/", id="domain path"),
        pytest.param(
            "subdomains:example.com/x", "subdomains: takes a host", "prefix:example.com/x", id="subdomains path"
        ),
    ],
)
def test_a_target_is_refused(text: str, why: str, hint: str) -> None:
    with pytest.raises(TargetError) as caught:
        Target.parse(text)
    message = str(caught.value)
    assert message.startswith(f"target {text.strip()!r}: ") or repr(text) in message
    assert why in message
    assert hint in message


def test_an_alias_is_refused_like_a_target() -> None:
    with pytest.raises(TargetError, match=r"target '\*\.old\.example': '\*' is not allowed; write old\.example"):
        Target.parse("example.com", aliases=["*.old.example"])


def test_no_target_at_all() -> None:
    with pytest.raises(TargetError, match="no target is given; write a domain"):
        Targets([])


@pytest.mark.parametrize("text", ["EXACT", "Prefix", "domain", "subdomains"])
def test_the_word_of_a_scope_alone_is_a_host_without_dot(text: str) -> None:
    with pytest.raises(TargetError, match="it has no dot"):
        Target.parse(text)


# --- what belongs to a target ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "url"),
    [
        pytest.param("target.example", "https://target.example/", id="itself"),
        pytest.param("target.example", "http://target.example/a?b#c", id="http and any page"),
        pytest.param("target.example", "https://www.target.example/", id="subdomain"),
        pytest.param("target.example", "https://a.b.c.target.example/", id="deep subdomain"),
        pytest.param("target.example", "https://target.example./", id="trailing dot"),
        pytest.param("target.example.", "https://target.example/", id="trailing dot in the target"),
        pytest.param("target.example", "HTTPS://TARGET.EXAMPLE/", id="upper case"),
        pytest.param("target.example", "https://target.example:8443/", id="any port"),
        pytest.param("target.example:8443", "https://target.example:8443/", id="that port"),
        pytest.param("https://target.example", "http://target.example/", id="https target, http link"),
        pytest.param("https://target.example:443", "http://target.example/", id="a default port is none"),
        pytest.param("target.example", "https://user:pw@target.example/", id="userinfo"),
        pytest.param("bücher.example", "https://xn--bcher-kva.example/", id="Unicode target, punycode link"),
        pytest.param("xn--bcher-kva.example", "https://BÜCHER.example/", id="punycode target, Unicode link"),
        pytest.param("bücher.example", "https://www.b%C3%BCcher.example/", id="escaped link"),
        pytest.param("github.io", "https://a.github.io/", id="a private suffix as target"),
        pytest.param("127.0.0.1", "http://0x7f.1/", id="another spelling of an address"),
        pytest.param("https://target.example/blog/", "http://target.example/blog/2024/x", id="prefix"),
        pytest.param("https://target.example/blog/", "http://target.example/blog/", id="prefix itself"),
        pytest.param("https://target.example/blog", "http://target.example/blog-archive", id="prefix without slash"),
        pytest.param("https://target.example/blog", "https://target.example/blog?p=1", id="prefix and query"),
        pytest.param("https://target.example/%7Ea/", "https://target.example/~a/b", id="prefix in escapes"),
        pytest.param("https://target.example/?p=", "https://target.example/?p=12", id="prefix of a query"),
        pytest.param("prefix:target.example", "https://target.example/x", id="prefix of everything"),
        pytest.param("domain:target.example", "https://target.example/x", id="domain"),
        pytest.param(
            "exact:target.example/a?b=1", "http://target.example/a?b=1#c", id="exact but for scheme, fragment"
        ),
        pytest.param("exact:https://target.example/%41", "https://target.example/A", id="exact in escapes"),
        pytest.param("exact:https://target.example/%c3%bc", "https://target.example/ü", id="exact in Unicode"),
        pytest.param("exact:https://target.example/a#b", "https://target.example/a#c", id="exact: no fragment counts"),
        pytest.param("exact:target.example", "https://target.example", id="exact home page"),
    ],
)
def test_a_url_belongs(target: str, url: str) -> None:
    assert matching([target], url) == [target]


@pytest.mark.parametrize(
    ("target", "url"),
    [
        pytest.param("target.example", "https://nottarget.example/", id="look-alike in front"),
        pytest.param("target.example", "https://not-target.example/", id="look-alike with a hyphen"),
        pytest.param("target.example", "https://target.example.evil.test/", id="look-alike behind"),
        pytest.param("target.example", "https://evil.test/?u=https://target.example", id="target in a query"),
        pytest.param("target.example", "https://evil.test/https://target.example/", id="target in a path"),
        pytest.param("target.example", "https://evil.test/#https://target.example/", id="target in a fragment"),
        pytest.param("target.example", "https://target.example@evil.test/", id="target as a user"),
        pytest.param("target.example", "https://target.example:pw@evil.test/", id="target as a user with a password"),
        pytest.param("target.example", "https://target.examples/", id="longer top-level domain"),
        pytest.param("target.example", "https://xtarget.example./", id="look-alike with a trailing dot"),
        pytest.param("target.example", "https://targetexample/", id="no dot"),
        pytest.param("target.example", "https://example/", id="only the end"),
        pytest.param("target.example", "https://tаrget.example/", id="a Cyrillic letter"),
        pytest.param("bucher.example", "https://bücher.example/", id="without its dots"),
        pytest.param("target.example", "ftp://target.example/", id="ftp"),
        pytest.param("target.example", "mailto:info@target.example", id="mailto"),
        pytest.param("target.example", "javascript:location='//target.example/'", id="javascript"),
        pytest.param("target.example", "data:text/html,https://target.example/", id="data"),
        pytest.param("target.example", "ws://target.example/", id="web socket"),
        pytest.param("www.target.example", "https://target.example/", id="the name above"),
        pytest.param("target.example:8443", "https://target.example/", id="other port"),
        pytest.param("a.github.io", "https://b.github.io/", id="neighbour under a private suffix"),
        pytest.param("a.github.io", "https://github.io/", id="the private suffix itself"),
        pytest.param("domain:target.example", "https://www.target.example/", id="domain: no subdomain"),
        pytest.param("domain:target.example", "https://nottarget.example/", id="domain: look-alike"),
        pytest.param("https://target.example/blog/", "https://target.example/blog", id="prefix with slash"),
        pytest.param("https://target.example/blog/", "https://target.example/BLOG/", id="prefix: case of the path"),
        pytest.param("https://target.example/blog/", "https://www.target.example/blog/", id="prefix: subdomain"),
        pytest.param("https://target.example/blog/", "https://target.example/x/blog/", id="prefix: deeper"),
        pytest.param("https://target.example/blog/", "https://evil.test/blog/", id="prefix: other host"),
        pytest.param("https://target.example/blog/", "https://target.example/blog/../x", id="prefix: dots lead out"),
        pytest.param("https://target.example/a/b", "https://target.example/a%2Fb", id="prefix: escaped slash"),
        pytest.param("exact:https://target.example/a", "https://target.example/a/", id="exact: slash"),
        pytest.param("exact:https://target.example/a", "https://target.example/ab", id="exact: longer"),
        pytest.param("exact:https://target.example/a", "https://target.example/a?b", id="exact: query"),
        pytest.param("exact:https://target.example/a?b=1&c=2", "https://target.example/a?c=2&b=1", id="exact: order"),
        pytest.param("exact:https://target.example/a", "https://www.target.example/a", id="exact: subdomain"),
    ],
)
def test_a_url_does_not_belong(target: str, url: str) -> None:
    assert matching([target], url) == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://t.example/", ["prefix:t.example", "t.example"], id="home"),
        pytest.param("https://t.example/a", ["t.example/a", "prefix:t.example", "t.example"], id="/a"),
        pytest.param(
            "https://t.example/a/b/c",
            ["t.example/a", "t.example/a/b/", "exact:t.example/a/b/c", "prefix:t.example", "t.example"],
            id="/a/b/c",
        ),
        pytest.param("https://t.example/a/c", ["t.example/a", "prefix:t.example", "t.example"], id="/a/c"),
        pytest.param("https://t.example/b", ["prefix:t.example", "t.example"], id="/b"),
        pytest.param("https://www.t.example/a/b/c", ["t.example"], id="subdomain"),
    ],
)
def test_prefixes_that_nest(url: str, expected: list[str]) -> None:
    given_order = ["t.example/a", "t.example/a/b/", "exact:t.example/a/b/c", "prefix:t.example", "t.example"]
    assert matching(given_order, url) == expected


def test_matches_come_in_the_order_given() -> None:
    url = "https://a.t.example/x"
    assert matching(["t.example", "a.t.example", "a.t.example/x"], url) == ["t.example", "a.t.example", "a.t.example/x"]
    assert matching(["a.t.example/x", "a.t.example", "t.example"], url) == ["a.t.example/x", "a.t.example", "t.example"]


def test_a_target_given_twice_is_one() -> None:
    assert len(Targets.parse(["t.example", "t.example", " t.example "])) == 1
    assert matching(["t.example", "t.example"], "https://t.example/") == ["t.example"]


def test_two_names_of_one_place_are_two_targets() -> None:
    assert matching(["t.example", "https://t.example/"], "https://t.example/") == ["t.example", "https://t.example/"]


# --- aliases --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "t.example",
        "domain:shop.t.example:8080",
        "subdomains:intranet",
        "https://t.example/caf\u00e9/100%25/?a=b&c=%7C",
        "exact:HTTPS://T.example./%7Eme",
        "prefix:[2001:db8::1]:8443/x",
        "https://b\u00fccher.example/",
    ],
)
def test_a_place_is_written_as_it_is_read(text: str) -> None:
    (place,) = Target.parse(text).places
    assert Target.parse(str(place)).places == (place,)


@pytest.mark.parametrize(
    "url",
    [
        "https://new.example/",
        "https://www.new.example/",
        "https://old.example/",
        "https://shop.old.example/",
        "https://group.example/new/x",
    ],
)
def test_an_alias_is_the_target_by_another_name(url: str) -> None:
    targets = Targets.parse(["new.example"], {"new.example": ["old.example", "https://group.example/new/"]})
    assert [target.name for target in targets.match(parsed(url))] == ["new.example"]


@pytest.mark.parametrize("url", ["https://group.example/", "https://group.example/old/", "https://notold.example/"])
def test_what_is_no_alias(url: str) -> None:
    targets = Targets.parse(["new.example"], {"new.example": ["old.example", "https://group.example/new/"]})
    assert targets.match(parsed(url)) == ()


def test_an_alias_that_says_the_same_adds_nothing() -> None:
    assert Target.parse("t.example", aliases=["https://T.example./"]).places == Target.parse("t.example").places


# --- internal pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "page"),
    [
        pytest.param("target.example", "https://target.example/", id="its own"),
        pytest.param("target.example", "https://blog.target.example/", id="subdomain"),
        pytest.param("www.target.example", "https://blog.target.example/", id="same registrable domain"),
        pytest.param("domain:target.example", "https://www.target.example/", id="outside the scope, same domain"),
        pytest.param("https://target.example/blog/", "https://target.example/about", id="outside the prefix"),
        pytest.param("exact:https://target.example/a", "https://www.target.example/", id="outside the page"),
        pytest.param("a.co.uk", "https://www.a.co.uk/", id="two-part suffix"),
        pytest.param("a.github.io", "https://www.a.github.io/", id="below a private suffix"),
        pytest.param("github.io", "https://a.github.io/", id="in the scope of a suffix"),
        pytest.param("bücher.example", "https://www.xn--bcher-kva.example/", id="IDN"),
        pytest.param("target.example", "https://www.target.example./", id="trailing dot"),
        pytest.param("127.0.0.1", "http://127.0.0.1:8000/", id="address"),
    ],
)
def test_internal_pages(target: str, page: str) -> None:
    targets = Targets.parse([target])
    assert targets.is_internal(targets.all[0], parsed(page))


@pytest.mark.parametrize(
    ("target", "page"),
    [
        pytest.param("target.example", "https://other.example/", id="another domain"),
        pytest.param("target.example", "https://nottarget.example/", id="look-alike"),
        pytest.param("target.example", "https://target.example.evil.test/", id="look-alike behind"),
        pytest.param("a.github.io", "https://b.github.io/", id="neighbour under a private suffix"),
        pytest.param("a.co.uk", "https://b.co.uk/", id="neighbour under a two-part suffix"),
        pytest.param("a.github.io", "https://github.io/", id="the private suffix itself"),
        pytest.param("127.0.0.1", "http://127.0.0.2/", id="another address"),
    ],
)
def test_external_pages(target: str, page: str) -> None:
    targets = Targets.parse([target])
    assert not targets.is_internal(targets.all[0], parsed(page))


def test_the_pages_of_an_alias_are_internal_too() -> None:
    targets = Targets.parse(["new.example"], {"new.example": ["old.example"]})
    assert targets.is_internal(targets.all[0], parsed("https://www.old.example/"))


def test_internal_to_one_target_is_not_internal_to_another() -> None:
    targets = Targets.parse(["a.example", "b.example"])
    page = parsed("https://www.a.example/")
    assert [targets.is_internal(target, page) for target in targets] == [True, False]


# --- many targets ---------------------------------------------------------------------------------------------------------


def many_on_one_host(count: int) -> list[str]:
    return [f"https://t.example/{number:06}/" for number in range(count)]


def many_hosts(count: int) -> list[str]:
    return [f"t{number:06}.example" for number in range(count)]


def nested(count: int) -> list[str]:
    """One chain of 50 prefixes on each of many hosts."""
    return [f"https://t{number // 50}.example/{'a/' * (number % 50)}b" for number in range(count)]


@cache
def full(make: Callable[[int], list[str]]) -> Targets:
    return Targets.parse(make(MAX_TARGETS))


@pytest.fixture(scope="module", autouse=True)
def nobody_else_carries_them() -> Iterator[None]:
    """What is kept here would be gone through by every search for garbage of the tests that follow."""
    yield
    full.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "url", "expected"),
    [
        (many_on_one_host, "https://t.example/077777/x", ["https://t.example/077777/"]),
        (many_on_one_host, "https://t.example/077777", []),
        (many_on_one_host, "https://t.example/1000000/", []),
        (many_hosts, "https://www.t077777.example/x", ["t077777.example"]),
        (many_hosts, "https://www.t100000.example/x", []),
        (nested, "https://t7.example/a/a/b", ["https://t7.example/a/a/b"]),
    ],
    ids=["one host", "one host: no", "one host: beyond", "many hosts", "many hosts: no", "nested"],
)
def test_as_many_targets_as_fit(make: Callable[[int], list[str]], url: str, expected: list[str]) -> None:
    targets = full(make)
    assert len(targets) == MAX_TARGETS
    assert [target.name for target in targets.match(parsed(url))] == expected


def test_more_targets_than_fit() -> None:
    with pytest.raises(TargetError, match="100001 targets are given; at most 100000 fit in one run"):
        Targets.parse(many_hosts(MAX_TARGETS + 1))


class Counted(str):
    """A path that counts how often it is compared with another."""

    __slots__ = ()
    comparisons = 0

    def startswith(self, *args: object) -> bool:
        type(self).comparisons += 1
        return super().startswith(*args)  # type: ignore[arg-type]

    def __lt__(self, other: str) -> bool:
        type(self).comparisons += 1
        return super().__lt__(other)

    def __gt__(self, other: str) -> bool:
        type(self).comparisons += 1
        return super().__gt__(other)


@pytest.mark.slow
@pytest.mark.parametrize("make", [many_on_one_host, nested], ids=["one host", "nested"])
def test_a_lookup_does_not_walk_the_prefixes(make: Callable[[int], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    for number in (1_000, 20_000):
        targets = Targets.parse(make(number))
        monkeypatch.setattr(urls, "normal_path", Counted)
        monkeypatch.setattr(Counted, "comparisons", 0)
        for path in range(0, 1_000, 10):
            targets.match(parsed(f"https://t.example/{path:06}/"))
            targets.match(parsed(f"https://t{path // 50}.example/a/a/b"))
        counts.append(Counted.comparisons)
        monkeypatch.undo()
    assert counts[0] > 200
    assert counts[1] <= counts[0] * 2  # the logarithm of twenty times as many


@pytest.mark.slow
@pytest.mark.parametrize("make", [many_on_one_host, many_hosts], ids=["one host", "many hosts"])
def test_the_cost_of_a_lookup_is_flat(make: Callable[[int], list[str]]) -> None:
    """Twenty times slower would still pass; walking ten thousand times as many targets would not."""
    links = [parsed(url) for url in ("https://t.example/000005/", "https://www.t000005.example/", "https://o.example/")]

    def best_of_five(targets: Targets) -> float:
        times = []
        for _ in range(5):
            start = time.process_time()
            for _ in range(300):
                for link in links:
                    targets.match(link)
            times.append(time.process_time() - start)
        return min(times)

    few, many = Targets.parse(make(10)), full(make)
    assert best_of_five(many) < 20 * best_of_five(few)


@pytest.mark.parametrize(
    ("target", "path"),
    [("example.com/maps/", "/maps/sea"), ("exact:https://example.com/maps", "/maps"), ("domain:example.com", "/maps")],
)
def test_a_target_without_a_port_covers_every_port_beside_one_that_names_it(target: str, path: str) -> None:
    targets = Targets.parse([target, "https://example.com:8080/other/"])
    for authority in ("example.com", "example.com:8080", "example.com:9"):
        assert [found.name for found in targets.match(parsed(f"https://{authority}{path}"))] == [target], authority


def test_a_hundred_thousand_hosts_seen_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets_room, "_MEMO_LIMIT", 100)
    targets = Targets.parse(["t.example"])
    for number in range(1_000):
        targets.match(parsed(f"https://h{number}.t.example/"))
    assert len(targets._above) <= 101
    assert [target.name for target in targets.match(parsed("https://h1.t.example/"))] == ["t.example"]


# --- laws -----------------------------------------------------------------------------------------------------------------

LABELS = st.sampled_from(["a", "b", "www", "bücher", "x-y"])
HOSTS = st.builds(lambda below, name: ".".join([*below, name, "example"]), st.lists(LABELS, max_size=2), LABELS)
PATHS = st.text(st.sampled_from("ab/?%41~"), max_size=6).map(lambda text: f"/{text}".replace("%?", "?"))
FORMS = st.one_of(
    HOSTS,
    st.builds("{}{}".format, HOSTS, PATHS),
    st.builds("exact:{}{}".format, HOSTS, PATHS),
    st.builds("prefix:{}{}".format, HOSTS, PATHS),
    st.builds("domain:{}".format, HOSTS),
    st.builds("subdomains:{}:8080".format, HOSTS),
)
LINKS = st.builds("https://{}{}{}".format, HOSTS, st.sampled_from(["", ":8080"]), PATHS)


@given(names=st.lists(FORMS, min_size=1, max_size=12, unique=True), link=LINKS)
def test_a_target_does_not_depend_on_the_others(names: list[str], link: str) -> None:
    alone = [name for name in names if matching([name], link)]
    assert matching(names, link) == alone


@given(names=st.lists(FORMS, min_size=1, max_size=12, unique=True), link=LINKS, seed=st.integers(0, 9))
def test_the_order_of_the_targets_changes_no_match(names: list[str], link: str, seed: int) -> None:
    shuffled = random.Random(seed).sample(names, len(names))
    assert set(matching(names, link)) == set(matching(shuffled, link))


@given(name=FORMS, host=HOSTS, path=PATHS)
def test_spellings_of_a_link_match_alike(name: str, host: str, path: str) -> None:
    plain = matching([name], f"https://{host}{path}")
    assert plain == matching([name], f"https://{host.upper()}{path}")
    assert plain == matching([name], f"HTTPS://{host}.{path}")
    assert plain == matching([name], f"https://{host}:443{path}")
    assert plain == matching([name], f"http://{host}:80{path}")
    assert plain == matching([name], f"https://user:pw@{host}{path}")
    assert plain == matching([name], f"https://{host}{path}#fragment")
    ascii_host = parsed(f"https://{host}/").hostname
    assert plain == matching([name], f"https://{ascii_host}{path}")


@given(name=FORMS)
def test_what_a_target_names_belongs_to_it(name: str) -> None:
    [place] = Target.parse(name).places
    port = f":{place.port}" if place.port else ""
    assert matching([name], f"https://{place.host}{port}{place.path}") == [name]


@given(name=FORMS, link=LINKS)
def test_a_url_in_scope_is_internal(name: str, link: str) -> None:
    targets = Targets.parse([name])
    url = parsed(link)
    if targets.match(url):
        assert targets.is_internal(targets.all[0], url)


@given(st.text(max_size=30))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    try:
        target = Target.parse(text)
    except TargetError as error:
        assert str(error)  # noqa: PT017 - whichever of the two happens is right
    else:
        assert target.places
