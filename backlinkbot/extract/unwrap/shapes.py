"""Recognises redirectors by the shape of their URL, and URLs that only resemble them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.unwrap.places import parameter, whole_query
from backlinkbot.extract.unwrap.texts import COLON, SLASH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.urls import URL

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


def is_redirector(url: URL) -> bool:
    """True if a path segment has a redirector's name."""
    segments = [_ENDING.sub("", part).replace("-", "").replace("_", "") for part in _segments(url)]
    return not REDIRECTORS.isdisjoint(segments) and NO_REDIRECTORS.isdisjoint(segments)


def _segments(url: URL) -> Iterator[str]:
    """Yields the path's segments up to the start of a contained URL."""
    for segment in url.pathname.lower().split("/"):
        if _ABSOLUTE_START.match(segment):
            return
        if segment:
            yield segment


_ABSOLUTE_START: Final = re.compile(rf"https?{COLON}", re.IGNORECASE)
_IN_PATH: Final = re.compile(rf"/(?P<url>https?{COLON}{SLASH}.*|a?1?aHR0c[A-Za-z0-9+_-]+)", re.IGNORECASE)


def carried_texts(url: URL) -> Iterator[str]:
    """Yields candidates: parameters with a redirector's names, the whole query, the end of the path."""
    yield from parameter(*PARAMETERS)(url)
    yield from whole_query(url)
    match = _IN_PATH.search(url.pathname + url.search)
    if match is not None:
        yield match["url"]
