"""URLs as a browser reads them, and which spellings are one page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot import urls
from backlinkbot.urls import URL

PAGE = "https://page.example/folder/page.html?q=1#top"


def parsed(text: str) -> URL:
    url = urls.parse(text)
    assert url is not None
    return url


# --- parse and resolve ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param("other.html", "https://page.example/folder/other.html", id="relative"),
        pytest.param("/top", "https://page.example/top", id="from the root"),
        pytest.param("../../up", "https://page.example/up", id="more dots than folders"),
        pytest.param("", "https://page.example/folder/page.html?q=1", id="empty: the page without its fragment"),
        pytest.param("#x", "https://page.example/folder/page.html?q=1#x", id="fragment"),
        pytest.param("?r=2", "https://page.example/folder/page.html?r=2", id="query"),
        pytest.param("a^b", "https://page.example/folder/a%5Eb", id="caret in a path"),
        pytest.param("a^b c", "https://page.example/folder/a%5Eb%20c", id="caret beside a space"),
        pytest.param("//target.example/^?^#^", "https://target.example/%5E?^#^", id="caret in query and fragment"),
        pytest.param("https://u^@target.example/", "https://u%5E@target.example/", id="caret in userinfo"),
        pytest.param("mailto:a^b", "mailto:a^b", id="caret in another scheme"),
        pytest.param("a|b", "https://page.example/folder/a|b", id="a bar stays, though Chromium escapes it"),
        pytest.param("//target.example/a", "https://target.example/a", id="scheme-relative"),
        pytest.param("\\\\target.example\\a", "https://target.example/a", id="backslashes"),
        pytest.param("https:\\\\target.example\\a", "https://target.example/a", id="scheme and backslashes"),
        pytest.param("https:/target.example/a", "https://page.example/target.example/a", id="one slash, same scheme"),
        pytest.param("http:/target.example/a", "http://target.example/a", id="one slash, other scheme"),
        pytest.param("http:target.example", "http://target.example/", id="no slash, other scheme"),
        pytest.param("https:target.example", "https://page.example/folder/target.example", id="no slash, same scheme"),
        pytest.param("///target.example/a", "https://target.example/a", id="three slashes"),
        pytest.param(" \t\nhttps://target.example/ \r\n", "https://target.example/", id="white space around"),
        pytest.param(
            "ht\ntps://tar\tget.exam\rple/a\tb", "https://target.example/ab", id="tabs and line breaks inside"
        ),
        pytest.param("HTTPS://TARGET.Example/A", "https://target.example/A", id="upper case: scheme and host only"),
        pytest.param("https://target.example:443/", "https://target.example/", id="default port"),
        pytest.param("https://target.example:0443/", "https://target.example/", id="default port with a nought"),
        pytest.param("http://target.example:443/", "http://target.example:443/", id="the other scheme's port"),
        pytest.param("https://u:p@target.example/", "https://u:p@target.example/", id="userinfo stays"),
        pytest.param(
            "https://target.example@evil.test/", "https://target.example@evil.test/", id="userinfo is no host"
        ),
        pytest.param("https://target.example./", "https://target.example./", id="trailing dot stays"),
        pytest.param("https://bücher.example/ü?ü#ü", "https://xn--bcher-kva.example/%C3%BC?%C3%BC#%C3%BC", id="IDN"),
        pytest.param("https://b%C3%BCcher.example/", "https://xn--bcher-kva.example/", id="escaped IDN"),
        pytest.param(
            "https://ｔａｒｇｅｔ。example/", "https://target.example/", id="fullwidth letters, ideographic stop"
        ),
        pytest.param("https://tar\u00adget.example/", "https://target.example/", id="soft hyphen"),
        pytest.param("https://faß.example/", "https://xn--fa-hia.example/", id="sharp s stays itself"),
        pytest.param("https://0x7f.1/", "https://127.0.0.1/", id="IPv4 in hex and short"),
        pytest.param("https://[::FFFF:1]/", "https://[::ffff:1]/", id="IPv6"),
        pytest.param("https://t.example/a b|c{d}", "https://t.example/a%20b|c%7Bd%7D", id="what a path escapes"),
        pytest.param("https://t.example/%7ea/%2e%2E/b", "https://t.example/b", id="escaped dots are dots"),
        pytest.param("https://t.example/?a='b'", "https://t.example/?a=%27b%27", id="apostrophe in a query"),
        pytest.param("mailto:a@target.example", "mailto:a@target.example", id="mailto"),
        pytest.param("javascript:void(0)", "javascript:void(0)", id="javascript"),
    ],
)
def test_pipelines_resolve(reference: str, expected: str) -> None:
    url = urls.resolve(reference, parsed(PAGE))
    assert url is not None
    assert url.href == expected


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param("https://", id="no host"),
        pytest.param("https://a b/", id="space in the host"),
        pytest.param("https://a^b/", id="forbidden character"),
        pytest.param("https://a.example:99999/", id="port too large"),
        pytest.param("https://a.example:x/", id="port that is no number"),
        pytest.param("https://1.2.3.4.5/", id="five parts that look like IPv4"),
        pytest.param("https://256.256.256.256/", id="no IPv4"),
        pytest.param("https://[::1/", id="open bracket"),
        pytest.param("https://%zz/", id="broken escape in the host"),
        pytest.param("https://exa%23mple.org/", id="escaped hash in the host"),
        pytest.param("https://\ud800.example/", id="lone surrogate"),
    ],
)
def test_what_is_no_url(reference: str) -> None:
    assert urls.resolve(reference, parsed(PAGE)) is None
    assert urls.parse(reference) is None


@pytest.mark.parametrize("text", ["", "target.example", "/path", "//target.example/", "#x"])
def test_relative_text_is_no_absolute_url(text: str) -> None:
    assert urls.parse(text) is None


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        ("https://page.example/a?", "", "https://page.example/a?"),
        ("https://page.example/a?", "#", "https://page.example/a?#"),
        ("https://page.example/a?", " \n#x ", "https://page.example/a?#x"),
        ("https://page.example/a?#old", "#new", "https://page.example/a?#new"),
        ("https://page.example/a?q", "#x", "https://page.example/a?q#x"),
        ("https://page.example/a", "#x", "https://page.example/a#x"),
        ("https://page.example/a?", "b", "https://page.example/b"),
        ("https://page.example/a?", "?b", "https://page.example/a?b"),
    ],
)
def test_an_empty_query_of_the_base_is_one(base: str, reference: str, expected: str) -> None:
    url = urls.resolve(reference, parsed(base))
    assert url is not None
    assert url.href == expected


@pytest.mark.parametrize(
    ("encoding", "reference", "expected"),
    [
        pytest.param("UTF-8", "?q=é", "?q=%C3%A9", id="utf-8"),
        pytest.param("UTF-16LE", "?q=é", "?q=%C3%A9", id="utf-16 counts as utf-8"),
        pytest.param("windows-1252", "?q=é", "?q=%E9", id="windows-1252"),
        pytest.param("windows-1251", "?q=ж", "?q=%E6", id="windows-1251"),
        pytest.param("windows-1251", "?q=é", "?q=%26%23233%3B", id="what it cannot hold: a character reference"),
        pytest.param("Shift_JIS", "?q=日本", "?q=%93%FA%96{", id="shift_jis: ASCII bytes stay"),
        pytest.param("ISO-2022-JP", "?q=日本", "?q=%1B$BF|K\\%1B(B", id="iso-2022-jp: one escape sequence for all"),
        pytest.param("GBK", "?q=中", "?q=%D6%D0", id="gbk"),
        pytest.param("Big5", "?q=中", "?q=%A4%A4", id="big5"),
        pytest.param("EUC-KR", "?q=한", "?q=%C7%D1", id="euc-kr"),
        pytest.param("KOI8-R", "?q=ж", "?q=%D6", id="koi8-r"),
        pytest.param("macintosh", "?q=é", "?q=%8E", id="macintosh"),
        pytest.param("replacement", "?q=é", "?q=%C3%A9", id="replacement counts as utf-8"),
        pytest.param("x-user-defined", "?q=é", "?q=%26%23233%3B", id="x-user-defined"),
        pytest.param("nonsense", "?q=é", "?q=%26%23233%3B", id="an encoding that nobody knows"),
    ],
)
def test_the_query_is_in_the_pages_encoding(encoding: str, reference: str, expected: str) -> None:
    url = urls.resolve(reference, parsed("https://page.example/"), encoding)
    assert url is not None
    assert url.search == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param("/é?é#é", "https://page.example/%C3%A9?%E9#%C3%A9", id="path and fragment are utf-8"),
        pytest.param("/a#é?é", "https://page.example/a#%C3%A9?%C3%A9", id="a question mark in the fragment"),
        pytest.param("mailto:a?subject=é", "mailto:a?subject=%C3%A9", id="a scheme that is not special"),
        pytest.param("ws://page.example/?é", "ws://page.example/?%C3%A9", id="web sockets"),
        pytest.param("http://é.example/?é", "http://xn--9ca.example/?%E9", id="the host is IDNA"),
    ],
)
def test_only_the_query_is_in_the_pages_encoding(reference: str, expected: str) -> None:
    url = urls.resolve(reference, parsed("https://page.example/"), "windows-1252")
    assert url is not None
    assert url.href == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://a.example/", True),
        ("https://a.example/", True),
        ("ftp://a.example/", False),
        ("mailto:a@b.example", False),
        ("data:text/html,x", False),
        ("blob:https://a.example/1", False),
    ],
)
def test_what_can_be_fetched(text: str, *, expected: bool) -> None:
    assert urls.is_web(urls.parse(text)) is expected


def test_nothing_cannot_be_fetched() -> None:
    assert urls.is_web(None) is False


# --- identity -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("https://a.example/#x", "https://a.example/", id="fragment"),
        pytest.param("https://a.example/#", "https://a.example/", id="empty fragment"),
        pytest.param("https://u:p@a.example/", "https://a.example/", id="userinfo"),
        pytest.param("https://a.example./", "https://a.example/", id="trailing dot"),
        pytest.param("https://A.EXAMPLE/", "https://a.example/", id="case of the host"),
        pytest.param("https://a.example:443/", "https://a.example/", id="default port"),
        pytest.param("https://a.example/%7Eb", "https://a.example/~b", id="escape of an unreserved character"),
        pytest.param("https://a.example/%7eb", "https://a.example/~b", id="and in lower case"),
        pytest.param("https://a.example/%c3%bc", "https://a.example/%C3%BC", id="case of an escape"),
        pytest.param("https://a.example/?a=%2D", "https://a.example/?a=-", id="escape in the query"),
        pytest.param("https://a.example/x/../y", "https://a.example/y", id="dots"),
        pytest.param("https://bücher.example/", "https://xn--bcher-kva.example/", id="IDN"),
        pytest.param("https://a.example/?", "https://a.example/", id="empty query"),
    ],
)
def test_two_spellings_of_one_page(one: str, other: str) -> None:
    assert urls.identity_key(parsed(one)) == urls.identity_key(parsed(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("http://a.example/", "https://a.example/", id="scheme"),
        pytest.param("https://a.example/", "https://www.a.example/", id="host"),
        pytest.param("https://a.example/", "https://a.example:8443/", id="port"),
        pytest.param("https://a.example/a", "https://a.example/A", id="case of the path"),
        pytest.param("https://a.example/a", "https://a.example/a/", id="slash at the end"),
        pytest.param("https://a.example/a%2Fb", "https://a.example/a/b", id="escape of a reserved character"),
        pytest.param("https://a.example/?a&b", "https://a.example/?b&a", id="order of the query"),
        pytest.param("https://a.example/?a=%26", "https://a.example/?a=&", id="escape of a reserved query character"),
    ],
)
def test_two_pages(one: str, other: str) -> None:
    assert urls.identity_key(parsed(one)) != urls.identity_key(parsed(other))


HOSTS = st.sampled_from(["a.example", "A.b.Example.", "bücher.example", "127.0.0.1", "[::1]", "x.github.io"])
TEXTS = st.text(st.sampled_from("aZ09%2fF7eE./?#&=~-_ é日\\:@'\"|"), max_size=20)


@given(host=HOSTS, scheme=st.sampled_from(["http", "https"]), rest=TEXTS)
def test_the_identity_of_an_identity_is_itself(host: str, scheme: str, rest: str) -> None:
    url = urls.parse(f"{scheme}://{host}/{rest}")
    assert url is not None
    key = urls.identity_key(url)
    assert urls.identity_key(parsed(key)) == key


@given(TEXTS)
def test_a_normal_path_stays(text: str) -> None:
    assert urls.normal_path(urls.normal_path(text)) == urls.normal_path(text)


@given(st.text())
def test_parsing_and_resolving_never_raise(text: str) -> None:
    base = parsed(PAGE)
    urls.parse(text)
    for encoding in ("UTF-8", "windows-1252", "ISO-2022-JP"):
        url = urls.resolve(text, base, encoding)
        assert url is None or urls.parse(url.href) is not None


@given(st.binary())
def test_resolving_what_bytes_decode_to_never_raises(data: bytes) -> None:
    urls.resolve(data.decode("utf-8", "surrogateescape"), parsed(PAGE), "Shift_JIS")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://u:p@a.example/b?c#d", "https://u:p@a.example/b?c"),
        ("https://a.example/#", "https://a.example/"),
        ("https://a.example/?", "https://a.example/?"),
        ("https://a.example/a%23b", "https://a.example/a%23b"),
    ],
)
def test_without_fragment(text: str, expected: str) -> None:
    assert urls.without_fragment(parsed(text)) == expected


def test_the_names_above_a_host() -> None:
    assert list(urls.labels_up("a.b.example")) == ["a.b.example", "b.example", "example"]
    assert list(urls.labels_up("localhost")) == ["localhost"]
    assert list(urls.labels_up("")) == []


# --- registrable domains --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("example.com", "example.com", id="itself"),
        pytest.param("a.b.example.com", "example.com", id="subdomain"),
        pytest.param("blog.a.co.uk", "a.co.uk", id="two-part suffix"),
        pytest.param("a.github.io", "a.github.io", id="private suffix"),
        pytest.param("x.a.github.io", "a.github.io", id="below a private suffix"),
        pytest.param("github.io", "github.io", id="a suffix stands for itself"),
        pytest.param("com", "com", id="a top-level domain stands for itself"),
        pytest.param("www.example.com.", "example.com", id="trailing dot"),
        pytest.param("www.city.kawasaki.jp", "city.kawasaki.jp", id="exception rule"),
        pytest.param("a.b.c.kawasaki.jp", "b.c.kawasaki.jp", id="wildcard rule"),
        pytest.param("xn--bcher-kva.xn--p1ai", "xn--bcher-kva.xn--p1ai", id="IDN suffix"),
        pytest.param("www.a.target.example", "target.example", id="a suffix that is on no list"),
        pytest.param("localhost", "localhost", id="localhost"),
        pytest.param("127.0.0.1", "127.0.0.1", id="IPv4"),
        pytest.param("[::1]", "[::1]", id="IPv6"),
    ],
)
def test_registrable_domain(host: str, expected: str) -> None:
    assert urls.registrable_domain(host) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("com", True),
        ("co.uk", True),
        ("github.io", True),
        ("example.com", False),
        ("a.github.io", False),
        ("localhost", False),
        ("127.0.0.1", False),
    ],
)
def test_public_suffix(host: str, *, expected: bool) -> None:
    assert urls.is_public_suffix(host) is expected


@pytest.mark.parametrize(
    ("host", "domains", "is_one"),
    [
        ("a.example", {"a.example"}, True),
        ("deep.er.a.example", {"b.example", "a.example"}, True),
        ("a.example.", {"a.example"}, True),
        ("xa.example", {"a.example"}, False),
        ("a.example", {"deep.a.example"}, False),
        ("me.github.io", {"github.io"}, False),  # a public suffix: each name below it is a domain of its own
        ("www.me.github.io", {"me.github.io"}, True),
        ("a.co.uk", {"co.uk"}, False),
        ("1.2.3.4", {"1.2.3.4"}, True),
        ("1.2.3.4", {"3.4"}, False),
        ("[::1]", {"[::1]"}, True),
        ("localhost", {"localhost"}, True),
        ("", {"a.example"}, False),
        ("a.example", set(), False),
    ],
)
def test_a_host_is_below_a_domain_where_that_is_its_registrable_domain(
    host: str, domains: set[str], *, is_one: bool
) -> None:
    assert urls.is_below(host, domains) is is_one
    assert (urls.registrable_domain(host) in domains) is is_one


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("https://a.example/page", "https://a.example/page", True),
        ("http://a.example/page", "https://a.example/page", True),
        ("https://www.a.example/page", "https://a.example/page", True),
        ("https://a.example/page/", "https://a.example/page", True),
        ("https://a.example/page/?x=1", "http://www.a.example/page?x=1", True),
        ("https://a.example/page?x=1", "https://a.example/page?x=2", False),
        ("https://a.example/page", "https://a.example/other", False),
        ("https://shop.a.example/page", "https://a.example/page", False),
        ("https://a.example/page", "nothing", False),
    ],
)
def test_a_page_is_the_same_whatever_its_scheme_www_and_last_slash(one: str, other: str, *, is_same: bool) -> None:
    assert urls.is_same_page(one, other) is is_same
    assert urls.is_same_page(other, one) is is_same


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("mail@a.example", None),
        ("mail@a.example/page", None),
        ("a.example/@mail", ("https://a.example/@mail", "http://a.example/@mail")),
        ("https://user:secret@a.example/page#part", ("https://a.example/page", "")),
        ("https://user@a.example/a@b", ("https://a.example/a@b", "")),
    ],
)
def test_an_address_of_mail_is_no_start_and_a_password_is_not_sent(text: str, wanted: tuple[str, str] | None) -> None:
    assert urls.first_urls(text) == wanted


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("https://user:secret@example.com/", "https://example.com/"),
        ("https://xn--bcher-kva.example:8443/", "https://bücher.example:8443/"),
        ("https://a.example/%D0%B3%D0%BE%D1%80%D0%BE%D0%B4", "https://a.example/город"),
        ("https://a.example/%2F%20%00%3Cb%3E", "https://a.example/%2F%20%00%3Cb%3E"),
        ("https://a.example/%E2%80%AEgpj.exe", "https://a.example/%E2%80%AEgpj.exe"),  # a right-to-left override
        ("https://a.example/%FF%D0", "https://a.example/%FF%D0"),
        ("https://xn--a.example/", "https://xn--a.example/"),
        ("https://xn--80ak6aa92e.com/", "https://xn--80ak6aa92e.com/"),  # Cyrillic letters that read "apple"
        ("https://xn--pple-43d.com/", "https://xn--pple-43d.com/"),  # a Cyrillic "a" before Latin letters
        ("mailto:jo@a.example", "mailto:jo@a.example"),
        ("no address", "no address"),
    ],
)
def test_addresses_are_shown_as_people_read_them(address: str, expected: str) -> None:
    assert urls.readable(address) == expected


def _punycode(label: str) -> str:
    return f"xn--{label.encode('punycode').decode()}"


@pytest.mark.parametrize(
    ("label", "top", "is_shown"),
    [
        ("bücher", "de", True), ("łódź", "pl", True), ("việt", "vn", True), ("москва", "com", True), ("кот", "com", True),
        ("аррӏе", "com", False), ("сор", "com", False), ("сор", "ru", True), ("сор", _punycode("рф"), True), ("соp", "ru", False),
        ("βιβλια", "com", True), ("νικο", "com", False), ("νικο", "gr", True), ("例え", "jp", True), ("abc漢字", "com", True),
        ("漢字かなカナ", "jp", True), ("한국어", "com", True), ("aノb", "com", False), ("ɡoogle", "com", False), ("हिन्दी", "in", True),
        ("عربي", "com", True), ("סוד", "com", False), ("тест-123", "com", True), ("αб", "com", False), ("ａｂｃ", "com", False),
    ],
)  # fmt: skip
def test_labels_that_look_like_other_names_stay_in_punycode(label: str, top: str, *, is_shown: bool) -> None:
    shown = urls.readable_host(f"{_punycode(label)}.{top}").partition(".")[0]
    assert shown == (label if is_shown else _punycode(label))
