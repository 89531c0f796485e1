"""Detects pages that look script-built, by a table of signals over their bytes that is cheap to check on every page.

Of a page with few links each signal that holds gives points, and ``ENOUGH`` of them make a page that is worth a browser. A page
with many links has what it was served for; of it only a part can be script-built (:func:`has_scripted_sidebar`,
:func:`names_in_script`). Nothing here parses, and nothing knows a browser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.prefilter import finder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

ENOUGH: Final = 4
"""Points from which on a page counts as script-built."""
MANY_LINKS: Final = 10
"""A page with more links is none, whatever else it holds: what it leads to was served."""
FEW_LINKS: Final = 3
LITTLE_TEXT: Final = 250
"""Bytes of text outside of tags, scripts and styles: a notice, a name, a footer."""
NOTICES: Final = 20
"""``<noscript>`` elements that are looked at."""
FEW_HOSTS: Final = 50
"""Hosts that are looked for one by one."""
PLACES: Final = 20
"""Places at which a page names a host that are looked at."""
FAR: Final = 1_000_000
"""Bytes that are looked at; a shell is a few thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skimmed:
    """What the bytes of a page show without being parsed."""

    links: int
    text: int
    """Bytes, white space collapsed."""
    scripts: int
    """``<script>`` elements that a browser runs and that may write links."""
    script_share: float
    """Of the bytes, those in them, from 0 to 1."""
    markup: bytes
    """The page without comments, scripts and styles, in lower case."""
    page: bytes
    """The whole page, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One sign that scripts build a page."""

    name: str
    points: int
    holds: Callable[[Skimmed], bool]
    meaning: str


_LINKS: Final = (b"<a ", b"<A ", b"<a\n", b"<a\t", b"<a\r\n")
_OPAQUE: Final = re.compile(rb"<!--|<(?P<name>script|style)\b(?P<words>[^<>]*+)", re.ASCII)
# https://html.spec.whatwg.org/multipage/scripting.html#attr-script-type: any other type makes it data.
_DATA: Final = re.compile(rb"""\btype\s*+=\s*+["']?(?!module|(?:text|application)/(?:x-)?(?:java|ecma|j)script)[a-z]""")
_TAG: Final = re.compile(rb"<[^<>]*+>")
_NOSCRIPT: Final = re.compile(rb"<noscript\b[^<>]*+>")

# Whatever reaches the page or loads more; without any of it a script writes nothing.
_REACHES: Final = re.compile(
    rb"document|window|self|this|import|require|fetch|xmlhttp|axios|eval|html|append|insert|replace|href|location|jquery|[$]\(|src"
)
# Third parties whose scripts count visitors or share the page; what they write are no links of its own.
_NO_WRITERS: Final = re.compile(
    rb"connect\.facebook\.net|google-analytics\.com|googletagmanager\.com|googletagservices\.com|googlesyndication\.com"
    rb"|platform\.twitter\.com|apis\.google\.com/js/plusone|static\.hotjar\.com|mc\.yandex\.ru|cloudflareinsights\.com"
)

# Where frameworks put what they build: the ids and names in their own templates and guides.
ROOT_ID: Final = re.compile(
    rb"""\bid\s*+=\s*+["']?(?:root|app|app-root|react-root|react-app|root-app|main-app|vue-app|__next|__nuxt|___gatsby"""
    rb"""|svelte|ember-app|q-app|mount|mount-point|application|spa|page-root|app-container|app-wrapper)(?:["'\s]|$)"""
)
_ROOT_NAME: Final = re.compile(rb"<(?:app-root|my-app|ng-app|app-main|ion-app|flutter-view)\b")
_EMPTY: Final = re.compile(
    rb"<(?P<name>div|main|section|article|[a-z]++(?:-[a-z]++)++)\b(?P<words>[^<>]*+)>[^<]{0,80}+</(?P=name)\s*+>"
)
_ASKS_FOR_SCRIPT: Final = re.compile(
    rb"(?:enable|activate|turn on|requires?|needs?|without|disabled|aktivieren|activer|activar|habilit|attiva|\xd0)[^<]{0,80}javascript"
    rb"|javascript[^<]{0,80}(?:enable|activat|turned on|require|need|disabled|aktivier|activ|habilit|attiv|\xd0)"
)
_FRAMEWORK: Final = re.compile(
    rb"/_next/static/|__next_data__|/_nuxt/|window\.__nuxt__|webpackjsonp|webpackchunk|chunk-vendors|/static/js/main\."
    rb"|data-reactroot|ng-version=|\bng-app\b|data-ng-app|data-v-app|vite/|/assets/index[.-][a-z0-9_-]{6,12}\.js"
    rb"|<script[^<>]*+\btype=[\"']?module|emberjs|/runtime\.[a-z0-9]{8,20}\.js|polyfills[.-][a-z0-9]{8,20}\.js|flutter\.js"
)
_PLACEHOLDER: Final = re.compile(rb"\{\{[^{}<>\n]{1,100}+\}\}")


def _has_empty_root(page: Skimmed) -> bool:
    return any(
        b"-" in found["name"] or ROOT_ID.search(found["words"]) is not None for found in _EMPTY.finditer(page.markup)
    )


def _asks_for_script(page: Skimmed) -> bool:
    return any(
        _ASKS_FOR_SCRIPT.search(page.markup, opening.end(), opening.end() + 1_000) is not None
        for opening in islice(_NOSCRIPT.finditer(page.markup), NOTICES)
    )


SIGNALS: Final = (
    Signal(
        name="few_links",
        points=1,
        holds=lambda page: page.links <= FEW_LINKS,
        meaning=f"at most {FEW_LINKS} links",
    ),
    Signal(
        name="little_text",
        points=2,
        holds=lambda page: page.text < LITTLE_TEXT,
        meaning=f"less than {LITTLE_TEXT} bytes of text",
    ),
    Signal(
        name="scripts",
        points=1,
        holds=lambda page: page.scripts > 0,
        meaning="a script that may write links: not one that touches nothing of the page, nor one of those that only count or share it",
    ),
    Signal(
        name="script_share",
        points=1,
        holds=lambda page: page.script_share > 0.5,
        meaning="more than half of the bytes are inside of scripts",
    ),
    Signal(
        name="root",
        points=1,
        holds=lambda page: ROOT_ID.search(page.markup) is not None or _ROOT_NAME.search(page.markup) is not None,
        meaning="an element with the id or the name that a framework gives to what it fills: `root`, `app`, `__next`, `app-root`",
    ),
    Signal(
        name="empty_root",
        points=2,
        holds=_has_empty_root,
        meaning="such an element, or one of the page's own making, without anything in it",
    ),
    Signal(
        name="asks_for_script",
        points=1,
        holds=_asks_for_script,
        meaning="a `<noscript>` that asks for JavaScript",
    ),
    Signal(
        name="framework",
        points=1,
        holds=lambda page: _FRAMEWORK.search(page.page) is not None,
        meaning="what a framework or its bundler leaves: `/_next/static/`, `ng-version`, `webpackChunk`, a script of type `module`",
    ),
    Signal(
        name="placeholder",
        points=2,
        holds=lambda page: _PLACEHOLDER.search(page.markup) is not None,
        meaning="a template that nobody has filled in yet: `{{ title }}`",
    ),
    Signal(
        name="form",
        points=-2,
        holds=lambda page: b"<form" in page.markup,
        meaning="a form: what the page is for was served",
    ),
)


# What a script may fill: an empty `aside`, or another empty element that is named so.
_EMPTY_SIDEBARS: Final = (
    rb"<aside\b[^<>]*>\s*</aside",
    rb"(?:side[-_]?bar|blog[-_]?roll)[^<>]*>\s*</(?:div|section|ul|ol|nav)",
)
# What fetches what it puts there, or a file that is named for it.
_FILLERS: Final = (
    rb"\bfetch\(",
    rb"xmlhttprequest|\baxios\b",
    rb"\.(?:getjson|ajax|get|load)\(",
    rb"\ssrc\s*=[^<>]*(?:side[-_]?bar|blog[-_]?roll|aside)",
)
_EMPTY_SIDEBAR: Final = re.compile(
    rb"<(?P<name>aside|div|section|ul|ol|nav)\b(?P<words>[^<>]*+)>\s*+</(?P=name)", re.ASCII
)
_NAMED_SIDEBAR: Final = re.compile(
    rb"(?:(?:left|right|main)[-_])?(?:side[-_]?bar|blog[-_]?roll)(?:[-_](?:left|right|main|links))?"
)
_NAMES: Final = re.compile(rb"""\b(?:id|class)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))""", re.ASCII)
SOURCE: Final = re.compile(rb"""\bsrc\s*+=\s*+["']?([^\s"'<>]++)""", re.ASCII)
_FETCHES: Final = re.compile(rb"\bfetch\(|xmlhttprequest|\.(?:getjson|ajax|get|load)\(|\baxios\b")
_METADATA: Final = re.compile(rb"ld\+json")
_HOST: Final = re.compile(rb"[a-z0-9-]++(?:\.[a-z0-9-]++)++")


def has_scripted_sidebar(body: bytes) -> bool:
    """True if a script within the page fetches what it puts in an empty sidebar, or one of another file is named for it."""
    if not (finder(*_EMPTY_SIDEBARS)(body) and finder(*_FILLERS)(body)):
        return False
    page = body[:FAR].lower()
    names: set[bytes] = set()
    for found in _EMPTY_SIDEBAR.finditer(page):
        own = {name for values in _NAMES.findall(found["words"]) for value in values for name in value.split()}
        if found["name"] == b"aside":
            names |= own | {b"aside"}
        else:
            names |= {name for name in own if _NAMED_SIDEBAR.fullmatch(name)}
    if not names:
        return False
    return any(_fills(words, text, names) for words, text in scripts_of(page))


def _fills(words: bytes, text: bytes, names: Collection[bytes]) -> bool:
    source = SOURCE.search(words)
    if source is None:
        told = [re.escape(name) for name in names if name in text]
        return bool(told and _FETCHES.search(text) and re.search(rb"(?<![\w-])(?:%b)(?![\w-])" % b"|".join(told), text))
    file = source[1].partition(b"?")[0].rpartition(b"/")[2]
    stem = file.partition(b".")[0]
    return stem == b"aside" or _NAMED_SIDEBAR.fullmatch(stem) is not None


def names_in_script(body: bytes, hosts: Collection[str]) -> bool:
    """True if a script within the page names one of the hosts, in lower case; metadata (JSON-LD) does not count."""
    if len(hosts) <= FEW_HOSTS:
        return any(_is_in_script(body, host.encode()) for host in hosts)
    found = (name[0] for _, text in scripts_of(body[:FAR].lower(), data=True) for name in _HOST.finditer(text))
    return any(above in hosts for name in found for above in urls.labels_up(name.decode()))


def _is_in_script(body: bytes, name: bytes) -> bool:
    place = -1
    for _ in range(PLACES):
        place = body.find(name, place + 1)
        if place < 0:
            break
        opening = body.rfind(b"<script", 0, place)
        end = body.find(b">", opening, place) if opening >= 0 else -1
        if end >= 0 and body.find(b"</script", end, place) < 0 and not _METADATA.search(body, opening, end):
            return True
    return False


def scripts_of(page: bytes, *, data: bool = False) -> Iterator[tuple[bytes, bytes]]:
    """Yields (attributes, text) of the scripts of a page in lower case; those that are no JavaScript with ``data`` only."""
    position = 0
    while (opening := _OPAQUE.search(page, position)) is not None:
        name = opening["name"]
        position = _end_of(page, opening.end(), b"</" + name if name else b"-->")
        if name != b"script" or _METADATA.search(opening["words"]):
            continue
        if data or _DATA.search(opening["words"]) is None:
            yield opening["words"], page[opening.end() : position]


def markup_of(page: bytes) -> bytes:
    """Returns a page in lower case without comments, scripts and styles."""
    kept: list[bytes] = []
    position = 0
    while (opening := _OPAQUE.search(page, position)) is not None:
        kept.append(page[position : opening.start()])
        name = opening["name"]
        position = _end_of(page, opening.end(), b"</" + name if name else b"-->")
    kept.append(page[position:])
    return b" ".join(kept)


def signals_of(body: bytes) -> tuple[str, ...]:
    """The names of the signals that hold; empty for a page with many links, of which nothing is asked."""
    page = skim(body)
    return tuple(signal.name for signal in SIGNALS if signal.holds(page)) if page is not None else ()


def looks_script_built(body: bytes) -> bool:
    """True if a page, as served, looks as if scripts were to build it. Linear in the size of the page; never raises."""
    names = signals_of(body)
    return "scripts" in names and sum(signal.points for signal in SIGNALS if signal.name in names) >= ENOUGH


def skim(body: bytes) -> Skimmed | None:
    """What the bytes show; None for a page with many links."""
    if _has_many_links(body) or (links := sum(map(body.count, _LINKS))) > MANY_LINKS:
        return None
    page = body[:FAR].lower()
    if b"\0" in page:  # UTF-16, of which every other byte is one
        page = page.replace(b"\0", b"")
    kept: list[bytes] = []
    position = scripts = script_bytes = 0
    while (opening := _OPAQUE.search(page, position)) is not None:
        kept.append(page[position : opening.start()])
        name = opening["name"]
        position = _end_of(page, opening.end(), b"</" + name if name else b"-->")
        if name == b"script" and _DATA.search(opening["words"]) is None:
            scripts += _may_write(opening["words"], page[opening.end() : position])
            script_bytes += position - opening.start()
    kept.append(page[position:])
    markup = b" ".join(kept)
    return Skimmed(
        links=links,
        text=len(b" ".join(_TAG.sub(b" ", markup).split())),
        scripts=scripts,
        script_share=script_bytes / max(len(page), 1),
        markup=markup,
        page=page,
    )


def _may_write(words: bytes, text: bytes) -> bool:
    """True if a script, by its attributes and text in lower case, may write links."""
    source = SOURCE.search(words)
    if source is not None:
        return _NO_WRITERS.search(source[1]) is None
    return _NO_WRITERS.search(text) is None and _REACHES.search(text) is not None


def _has_many_links(body: bytes) -> bool:
    """True if a page has more than ``MANY_LINKS`` links, by its bytes."""
    position = 0
    for _ in range(MANY_LINKS + 1):
        position = body.find(_LINKS[0], position) + 1
        if not position:
            return False
    return True


def _end_of(page: bytes, start: int, end: bytes) -> int:
    """Where an element that began ends; the rest of the page is its own where nothing ends it."""
    found = page.find(end, start)
    if found < 0:
        return len(page)
    if end == b"-->":
        return found + len(end)
    closed = page.find(b">", found)
    return closed + 1 if closed >= 0 else len(page)
