"""Detects pages that were served with their links, but for a part that scripts fill: an empty element and what fills it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from backlinkbot.prefilter import finder
from backlinkbot.rendering.signals import FAR, ROOT_ID, SOURCE, markup_of, scripts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NEAR: Final = 500
"""Bytes before and after a request in which a script must name the element and write into it."""
MOST_REQUESTS: Final = 50
"""Requests of one page that are looked at."""

# A request to the page's own site, by an address written out; counters and advertisements are elsewhere.
_OWN: Final = rb"""\s*+["'`](?!//)(?:\.{0,2}/|[a-z0-9_-]++(?:/|\?|\.(?:json|php|html?|aspx?|jsp|txt|xml|cgi)\b))(?!/)"""
_REQUEST: Final = re.compile(
    rb"(?:fetch\(|axios(?:\.get)?\(|\.(?:getjson|get|ajax|load)\((?:\s*+\{[^{}]{0,200}?\burl\s*+:)?"
    rb"|\.open\(\s*+[\"'`]get[\"'`]\s*+,)" + _OWN,
    re.ASCII,
)
_WRITES: Final = re.compile(
    rb"innerhtml|outerhtml|insertadjacenthtml|createelement\(|\.(?:append|appendchild|prepend|replacechildren|html|load|before|after)\("
)
# What waits for a reader to do something, sends what one wrote, or runs later.
_WAITS: Final = re.compile(
    rb"\.(?:click|submit|change|key(?:up|down|press)|blur|focus|hover|mouse[a-z]++|on|one|bind|live|delegate|scroll|resize|dialog|validate)\("
    rb"|addeventlistener\(\s*+[\"'`](?!domcontentloaded|load)|\bon(?:click|submit|change|scroll)\s*+=|settimeout|setinterval"
)
_SENDS: Final = re.compile(rb"[\"'`]post[\"'`]|\.post\(|\.val\(\)|\.value\b")
_COMMENTED: Final = re.compile(rb"(?:\A|[\s;{}])//[^\r\n]*\Z")
_FUNCTION: Final = re.compile(
    rb"function\s++([\w$]++)\s*+\(|\b(?:var|const|let)\s++([\w$]++)\s*+=\s*+(?:async\s*+)?(?:function|\()", re.ASCII
)

_NAME: Final = re.compile(rb"[\w$]++", re.ASCII)

_EMPTY: Final = re.compile(
    rb"<(?P<name>div|section|ul|ol|nav|aside|main|footer|header|article|tbody)\b(?P<words>[^<>]*+)>\s*+</(?P=name)",
    re.ASCII,
)
_ID: Final = re.compile(rb"""(?<![\w-])id\s*+=\s*+["']?([^\s"'<>]++)""", re.ASCII)
_CLASS: Final = re.compile(rb"""(?<![\w-])class\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))""", re.ASCII)
_WORD: Final = re.compile(rb"[\w\x80-\xff-]++", re.ASCII)
_SELECTED_CLASS: Final = re.compile(rb"[\"'`](?:[a-z]++)?\.([^\s\"'`]++)(?=[\"'`])")
_SELECTED_LANDMARK: Final = re.compile(rb"[\"'`](main|footer|aside|nav)(?=[\"'`])")
_LETTER: Final = re.compile(rb"[a-z]")
# Elements and attributes by which a library fills an element once the page has loaded: Turbo, GitHub's include-fragment, htmx, w3.js.
_FRAGMENT: Final = re.compile(
    rb"<(?:turbo-frame|include-fragment)\b[^<>]*?\ssrc\s*+=|<[a-z][^<>]*?\sw3-include-html\s*+="
    rb"|<[a-z](?=[^<>]*?\shx-get\s*+=)[^<>]*?\shx-trigger\s*+=\s*+[\"']?(?:load|revealed)"
)
_OWN_SCRIPT: Final = re.compile(rb"(?!(?:[a-z]++:)?//)")
_ROOTS: Final = (
    rb"""id=["']?(?:root|app|react-root|vue-app|__next|__nuxt|___gatsby|svelte|application|q-app|ember-app|mount|spa)["' >]""",
    rb"""id=["']?(?:app-root|react-app|root-app|main-app|mount-point|page-root|app-container|app-wrapper)["' >]""",
)
# The requests again, for the scanner that looks at every page: Hyperscan knows neither lookaround nor possessive quantifiers.
_ADDRESS: Final = rb"""\s*["'`](?:\.{0,2}/[^/]|[a-z0-9_-]+(?:/[^/]|\?|\.(?:json|php|html?|aspx?|jsp|txt|xml|cgi)))"""
_REQUESTS: Final = (
    rb"(?:fetch|axios|axios\.get)\(" + _ADDRESS,
    rb"\.(?:getjson|get|ajax|load)\(" + _ADDRESS,
    rb"\.(?:getjson|get|ajax|load)\(\s*\{[^{}]{0,200}\burl\s*:" + _ADDRESS,
    rb"""\.open\(\s*["'`]get["'`]\s*,""" + _ADDRESS,
)
_FRAGMENTS: Final = (rb"<turbo-frame", rb"<include-fragment", rb"hx-get", rb"w3-include-html")


def has_scripted_part(body: bytes) -> bool:
    """True if an element was served empty that a script within the page, a library or a framework's bundle fills by itself."""
    if not finder(*_REQUESTS, *_ROOTS, *_FRAGMENTS)(body):
        return False
    asks, has_root, has_fragment = (finder(*signs)(body) for signs in (_REQUESTS, _ROOTS, _FRAGMENTS))
    page = body[:FAR].lower()
    scripts = list(scripts_of(page))
    requests = list(_requests(text for words, text in scripts if SOURCE.search(words) is None)) if asks else []
    sources = [(words, found[1]) for words, _ in scripts if (found := SOURCE.search(words)) is not None]
    has_root = has_root and any(_OWN_SCRIPT.match(source) is not None for _, source in sources)
    if not (requests or has_root or (has_fragment and scripts)):
        return False
    markup = markup_of(page)
    if has_fragment and scripts and _FRAGMENT.search(markup) is not None:
        return True
    named = _named_in(requests)
    return any(
        (has_root and ROOT_ID.search(empty["words"]) is not None) or _is_named(empty, named)
        for empty in _EMPTY.finditer(markup)
    )


def _requests(scripts: Iterable[bytes]) -> Iterator[bytes]:
    """Yields what stands around each request that a script makes by itself, and whose answer it may write into the page."""
    left = MOST_REQUESTS
    for text in filter(finder(*_REQUESTS), scripts):
        names: Counter[bytes] = Counter()
        for request in _REQUEST.finditer(text):
            left -= 1
            if left < 0:
                return
            before, after = (
                text[max(0, request.start() - NEAR) : request.start()],
                text[request.start() : request.end() + NEAR],
            )
            if not (_WRITES.search(before + after) and _is_by_itself(before, after)):
                continue
            function = _function_before(before)
            if function and not names:
                names.update(_NAME.findall(text))
            if not function or names[function] > 1:
                yield before + after


def _is_by_itself(before: bytes, after: bytes) -> bool:
    """True unless a request waits for a reader, sends what one wrote, or stands in a comment."""
    return not (_WAITS.search(before) or _SENDS.search(before + after) or _COMMENTED.search(before))


def _function_before(before: bytes) -> bytes:
    """Returns the name of the function in which a request may stand: one that its script only defines does not run by itself."""
    return next((name for found in reversed(_FUNCTION.findall(before)) for name in reversed(found) if name), b"")


class _Named(NamedTuple):
    """What scripts name around their requests; gathered once, as a page may have thousands of empty elements."""

    words: frozenset[bytes]
    """All words: an element's id stands in a script in many ways."""
    classes: frozenset[bytes]
    """The classes of quoted selectors, such as ``".links"`` or ``"ul.links"``."""
    landmarks: frozenset[bytes]
    """The quoted names of elements of which a page has one, such as ``"footer"``."""


def _named_in(requests: list[bytes]) -> _Named:
    text = b"\n".join(requests)
    return _Named(*(frozenset(named.findall(text)) for named in (_WORD, _SELECTED_CLASS, _SELECTED_LANDMARK)))


def _is_named(empty: re.Match[bytes], named: _Named) -> bool:
    words = empty["words"]
    if any(name in named.words for name in _ID.findall(words) if _LETTER.search(name)):
        return True
    if named.classes and any(
        name in named.classes for found in _CLASS.findall(words) for value in found for name in value.split()
    ):
        return True
    return empty["name"] in named.landmarks
