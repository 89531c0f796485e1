"""Links that lead through somebody else's address which carries the real one: what do they carry? Nothing is fetched.

A wrapper is known by its host (:data:`KNOWN`), or is any address whose path is called as redirectors are
(:data:`REDIRECTORS`). Share buttons lead nowhere, and archives, translations and caches show a copy: neither carries on.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from backlinkbot import urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from backlinkbot.links import Link, PageContent
    from backlinkbot.targets import Target
    from backlinkbot.urls import URL

    MatchURL = Callable[[URL], tuple[Target, ...]]

MOST_WRAPPERS: Final = 5
"""One in another; Google's results about Facebook's links are two."""
LONGEST: Final = 8_192
"""Characters of an address that is looked into."""
_MOST_ESCAPED: Final = 3
"""How often what is carried may have been escaped."""

# --- what a text carries ----------------------------------------------------------------------------------------------

# The host must stand there as it is, or the prefilter would not see it (docs of `prefilter`): its neighbours may be
# escaped, any number of times, it may not.
_COLON: Final = r"(?::|%(?:25)*3a)"
_SLASH: Final = r"(?:[/\\]|%(?:25)*(?:2f|5c))"
_HOST: Final = r"[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9_-]))*"
_ABSOLUTE: Final = re.compile(rf"https?{_COLON}{_SLASH}+(?P<host>{_HOST})(?P<end>$|[^a-z0-9_-])", re.IGNORECASE)
_PLAIN: Final = re.compile(r"https?:[/\\]", re.IGNORECASE)
_ESCAPES: Final = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)


def _read_address(text: str) -> URL | None:
    """The absolute URL as which a text begins, however often it is escaped."""
    match = _ABSOLUTE.match(text)
    if match is None:
        return None
    text = _unescape(text)  # once a server does, and once each wrapper that this one was wrapped in
    for _ in range(_MOST_ESCAPED - 1):
        if _PLAIN.match(text):
            break
        text = _unescape(text)
    scheme, _, rest = text.partition(":")
    url = urls.parse(f"{scheme}://{rest.lstrip('/' + chr(92))}")  # a server in between may have made one slash of two
    is_it = url is not None and urls.is_web(url) and urls.bare_host(url.hostname) == match["host"].lower()
    return url if is_it else None


def _unescape(text: str) -> str:
    return _ESCAPES.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    """What a URL parser would have to escape again stays escaped, and so does what is no ASCII."""
    code = int(match[1], 16)
    return chr(code) if 0x21 <= code <= 0x7E else match[0]


_BASE64: Final = re.compile(r"(?:a1)?(?P<data>aHR0c(?:DovL|HM6Ly)[A-Za-z0-9+/_-]*)")
"""``http://`` or ``https://`` in Base64, of either alphabet; Bing writes ``a1`` before it."""


def _read_base64(text: str) -> URL | None:
    match = _BASE64.match(text)
    if match is None:
        return None
    data = match["data"].translate(str.maketrans("-_", "+/"))
    try:
        plain = base64.b64decode(data + "=" * (-len(data) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    url = urls.parse(plain)
    return url if urls.is_web(url) else None


def _read_text(text: str) -> URL | None:
    return _read_address(text) or _read_base64(text)


# --- where in an address it is carried --------------------------------------------------------------------------------


def _parameters(url: URL) -> Iterator[tuple[str, str]]:
    """(name, value as written) of each parameter, in order."""
    for piece in url.search[1:].split("&"):
        name, equals, value = piece.partition("=")
        if equals:
            yield name.lower(), value


def parameter(*names: str) -> Callable[[URL], Iterator[str]]:
    """In a parameter of one of these names."""

    def read(url: URL) -> Iterator[str]:
        return (value for name, value in _parameters(url) if name in names)

    return read


def in_path(pattern: str) -> Callable[[URL], Iterator[str]]:
    """Where the path, with its query, matches: in the group ``url``."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def read(url: URL) -> Iterator[str]:
        match = compiled.search(url.pathname + url.search)
        if match is not None:
            yield match["url"]

    return read


def whole_query(url: URL) -> Iterator[str]:
    """The query is the address."""
    if url.search:
        yield url.search[1:]


def _amp(url: URL) -> Iterator[str]:
    """``/c/s/host/path``: an AMP cache's copy; ``s`` means https.

    https://developers.google.com/amp/cache/overview
    """
    match = re.match(r"/(?:amp|[acivw]|wp)/(s/)?([^/].*)", url.pathname)
    if match is not None:
        yield f"{'https' if match[1] else 'http'}://{match[2]}{url.search}"


def _disqus(url: URL) -> Iterator[str]:
    """Disqus signs an address behind a colon."""
    for value in parameter("url")(url):
        yield re.sub(r"(?::|%3a)[A-Za-z0-9_-]{20,40}$", "", value, flags=re.IGNORECASE)


def _proofpoint(url: URL) -> Iterator[str]:
    """Version 2: ``-3A`` for a colon, ``_`` for a slash."""
    for value in parameter("u")(url):
        plain = re.sub(r"-([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), value.replace("_", "/"))
        if plain.isascii() and plain.isprintable():
            yield plain


def _trade_doubler(url: URL) -> Iterator[str]:
    match = re.search(r"(?:\?|&)?url\((?P<url>[^)]+)\)", url.search)
    if match is not None:
        yield match["url"]


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A known way to wrap a link."""

    hosts: tuple[str, ...]
    """Their names; hosts below count."""
    path: str
    """A regular expression that the path begins with."""
    read: Callable[[URL], Iterable[str]]


_ANY: Final = "/"
_GOOGLES: Final = r"(?:www\.|m\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?"

# https://support.google.com/…, https://www.facebook.com/l.php?u=…, and so on: what stands behind each, see docs/links.md.
KNOWN: Final = (
    # search engines
    Wrapper(("google",), r"/url$", parameter("q", "url")),
    Wrapper(("google",), r"/amp/", _amp),
    Wrapper(("cdn.ampproject.org", "bing-amp.com"), r"/(?:[acivw]|wp)/", _amp),
    Wrapper(("bing.com",), r"/ck/a", parameter("u")),
    Wrapper(("duckduckgo.com",), r"/l/?$", parameter("uddg")),
    Wrapper(("search.yahoo.com",), _ANY, in_path(r"/RU=(?P<url>[^/]+)")),
    Wrapper(("yandex.ru", "yandex.com"), r"/(?:clck|redir)", parameter("url")),
    Wrapper(("baidu.com",), r"/link$", parameter("url")),
    # networks and messengers
    Wrapper(("facebook.com",), r"/l\.php$", parameter("u")),
    Wrapper(("instagram.com", "threads.net", "threads.com"), r"/$", parameter("u")),
    Wrapper(("youtube.com",), r"/redirect$", parameter("q", "url")),
    Wrapper(("linkedin.com",), r"/(?:redir/redirect|safety/go|redir/general-malware-page)", parameter("url")),
    Wrapper(("out.reddit.com",), _ANY, parameter("url")),
    Wrapper(("vk.com", "vk.ru"), r"/away(?:\.php)?$", parameter("to")),
    Wrapper(("ok.ru",), r"/dk$", parameter("st.link")),
    Wrapper(("slack-redir.net",), r"/link$", parameter("url")),
    Wrapper(("steamcommunity.com", "steampowered.com"), r"/linkfilter/?", parameter("url", "u")),
    Wrapper(("steamcommunity.com",), r"/linkfilter/http", in_path(r"/linkfilter/(?P<url>.+)")),
    Wrapper(("tumblr.com", "t.umblr.com"), r"/redirect$", parameter("z")),
    Wrapper(("medium.com",), r"/r/?$", parameter("url")),
    Wrapper(("weibo.cn", "weibo.com"), r"/sinaurl$", parameter("u", "toasturl")),
    Wrapper(("link.zhihu.com", "link.csdn.net", "link.juejin.cn", "gitee.com"), _ANY, parameter("target")),
    Wrapper(("getpocket.com",), r"/redirect$", parameter("url")),
    Wrapper(("exit.sc", "gate.sc"), _ANY, parameter("url")),
    Wrapper(("disq.us",), r"/url$", _disqus),
    # guards of mail and of privacy
    Wrapper(("safelinks.protection.outlook.com",), _ANY, parameter("url")),
    Wrapper(("urldefense.com", "urldefense.proofpoint.com"), r"/v3/", in_path(r"^/v3/__(?P<url>.+?)__;")),
    Wrapper(("urldefense.proofpoint.com",), r"/v2/", _proofpoint),
    Wrapper(("cudasvc.com",), r"/url$", parameter("a")),
    Wrapper(("fireeye.com", "symantec.com"), _ANY, parameter("u")),
    Wrapper(("secure-web.cisco.com",), _ANY, in_path(r"^/[^/]+/(?P<url>https?(?::|%3a).+)")),
    Wrapper(("href.li", "anonym.to", "anonym.es", "nullrefer.com", "dereferer.me"), _ANY, whole_query),
    # affiliate networks
    Wrapper(("awin1.com", "zenaps.com"), r"/(?:cread|awclick)\.php$", parameter("ued", "p")),
    Wrapper(("shareasale.com",), r"/(?:r|u)\.cfm$", parameter("urllink")),
    Wrapper(("linksynergy.com",), _ANY, parameter("murl")),
    Wrapper(("skimresources.com", "redirectingat.com"), _ANY, parameter("url")),
    Wrapper(("viglink.com", "sjv.io"), _ANY, parameter("u", "out")),
    Wrapper(("tradedoubler.com",), r"/click", parameter("url")),
    Wrapper(("tradedoubler.com",), r"/click", _trade_doubler),
    Wrapper(("prf.hn",), r"/click/", in_path(r"/destination:(?P<url>.+)")),
    Wrapper(
        ("anrdoezrs.net", "dpbolvw.net", "jdoqocy.com", "kqzyfj.com", "tkqlhce.com"),
        r"/(?:links|click)",
        in_path(r"(?:[?&]url=|/links/.*?/)(?P<url>https?(?::|%3a).+)"),
    ),
)

# --- what any redirector looks like -----------------------------------------------------------------------------------

_REDIRECTORS: Final = """
    away bounce click clk exit ext external extlink externallink forward fwd go gogo goto jump jumpurl leave leaving link
    linkout links lnk out outbound outlink outgoing r rd redir redirect redirection redirector redirecturl redirige
    ref refer rk to track url visit weiterleitung
"""
REDIRECTORS: Final = frozenset(_REDIRECTORS.split())
"""What a segment of the path is called, its ending (``.php``) and the hyphens in it left aside."""
_NO_REDIRECTORS: Final = """
    archive auth authorize cache check checker checklink compare create cite embed feed favicon intent iframe import
    login logon logout lookup oauth oauth2 oembed pin player preview proxy qr render register report save screenshot search
    send share sharearticle sharer signin signup sso submit subscribe test tr translate translator validator view web
    whois widget widgets
"""
NO_REDIRECTORS: Final = frozenset(_NO_REDIRECTORS.split())
"""One of these in the path: a share button, a log-in that comes back, a service that looks at an address or copies it."""
_COPIES: Final = """
    addthis.com addtoany.com archive.is archive.org archive.ph archive.today delicious.com digg.com facebook.com
    feedly.com flipboard.com getpocket.com hatena.ne.jp line.me linkedin.com mix.com pinterest.com reddit.com sharethis.com
    t.me telegram.me threads.net translate.goog tumblr.com twitter.com vk.com wa.me web.archive.org whatsapp.com w3.org
    webcitation.org x.com xing.com
"""
COPIES: Final = frozenset(_COPIES.split())
"""Whose addresses carry others that a reader is not sent on to: share buttons and archives; see :data:`KNOWN` for others."""
_PARAMETERS: Final = """
    a d dest destination exturl forward go goto href jump l link location loc lnk next out outurl q r redir redirect
    redirect_to redirect_uri redirect_url redirecturl ref site t target targeturl to toasturl u uri url urllink w web
    website z
"""
PARAMETERS: Final = frozenset(_PARAMETERS.split())
_ENDING: Final = re.compile(r"\.(?:php\d?|html?|aspx?|cgi|pl|jsp|do|cfm)$")


def _is_redirector(url: URL) -> bool:
    segments = [_ENDING.sub("", part).replace("-", "").replace("_", "") for part in _segments(url)]
    return not REDIRECTORS.isdisjoint(segments) and NO_REDIRECTORS.isdisjoint(segments)


def _segments(url: URL) -> Iterator[str]:
    """The path's segments, down to where an address begins."""
    for segment in url.pathname.lower().split("/"):
        if _ABSOLUTE_START.match(segment):
            return
        if segment:
            yield segment


_ABSOLUTE_START: Final = re.compile(rf"https?{_COLON}", re.IGNORECASE)
_IN_PATH: Final = re.compile(rf"/(?P<url>https?{_COLON}{_SLASH}.*|a?1?aHR0c[A-Za-z0-9+_-]+)", re.IGNORECASE)


def _generic(url: URL) -> Iterator[str]:
    """By any parameter with a redirector's name; the whole query; or the end of the path."""
    yield from parameter(*PARAMETERS)(url)
    yield from whole_query(url)
    match = _IN_PATH.search(url.pathname + url.search)
    if match is not None:
        yield match["url"]


ENCODERS: Final = ("urldefense.com", "urldefense.proofpoint.com")
"""Those of the table that write a host in a spelling of their own, or what no host ends with behind it."""
_SIGNS: Final = re.compile(rf"ahr0c(?:dovl|hm6l)|[./\\@:](?:{'|'.join(map(re.escape, ENCODERS))})")

# --- the question -----------------------------------------------------------------------------------------------------

_BY_HOST: Final = {host: [w for w in KNOWN if host in w.hosts] for known in KNOWN for host in known.hosts}
_CARRIES: Final = re.compile(r"https?(?::|%|-3a)|aHR0c|/(?:[acivw]|amp|wp)/|url\(", re.IGNORECASE)


def carried(url: URL) -> URL | None:
    """The address that one carries on to; None where it is no wrapper that we know, or carries none."""
    if len(url.href) > LONGEST or not _CARRIES.search(url.href, len(url.protocol) + len(url.host)):
        return None  # nearly all links
    for wrapper in _wrappers_of(url):
        if re.match(wrapper.path, url.pathname, re.IGNORECASE):
            found = _first(wrapper.read(url))
            if found is not None:
                return found
    if not COPIES.isdisjoint(urls.labels_up(urls.bare_host(url.hostname))) or not _is_redirector(url):
        return None
    return _first(_generic(url))


def _is_visible(inner: URL, written: str) -> bool:
    """Whether the prefilter sees what is carried: its host, or a sign that something is encoded."""
    host = re.escape(urls.bare_host(inner.hostname))
    return re.search(rf"[./\\@:fc0]{host}(?![a-z0-9-])", written) is not None or _SIGNS.search(written) is not None


def _first(texts: Iterable[str]) -> URL | None:
    return next((found for found in map(_read_text, texts) if found is not None), None)


def _wrappers_of(url: URL) -> Iterator[Wrapper]:
    host = urls.bare_host(url.hostname)
    if re.fullmatch(_GOOGLES, host):
        yield from _BY_HOST["google"]
    for name in urls.labels_up(host):
        yield from _BY_HOST.get(name, ())


def chain(url: URL) -> Iterator[tuple[URL, tuple[str, ...]]]:
    """Each address that a link carries, one in the other, with the wrappers before it, the outermost first."""
    via: tuple[str, ...] = ()
    written = url.href.lower()
    for _ in range(MOST_WRAPPERS):
        inner = carried(url)
        if inner is None or not _is_visible(inner, written):
            return
        via = (*via, url.href)
        url = inner
        yield url, via


@dataclass(frozen=True, slots=True)
class Passage:
    """A target that a link leads to, at once or by way of others."""

    target: Target
    url: URL
    """Its address."""
    via: tuple[str, ...] = ()
    """The wrappers before it."""


def passing(match: MatchURL) -> Callable[[URL], tuple[Passage, ...]]:
    """The targets that a URL leads to; where it is none itself, those that it carries.

    Args:
        match: the targets that a URL belongs to.
    """

    def lead(url: URL) -> tuple[Passage, ...]:
        targets = match(url)
        if targets:
            return tuple(Passage(target, url) for target in targets)
        for inner, via in chain(url):
            if targets := match(inner):
                return tuple(Passage(target, inner, via) for target in targets)
        return ()

    return lead


def links(content: PageContent, match: MatchURL) -> Iterator[tuple[Link, tuple[Target, ...]]]:
    """The links of a page to targets, those that pass through others with the address that they carry."""
    for link, passages in content.links_to(passing(match)):
        first = passages[0]
        if not first.via:
            yield link, tuple(passage.target for passage in passages)
        elif not _BREAKS.search(link.raw_href.strip()):  # what the prefilter does not look for
            carried_link = replace(link, url=first.url.href, via=first.via)
            yield carried_link, tuple(passage.target for passage in passages)


_BREAKS: Final = re.compile(r"[\t\n\r]")
