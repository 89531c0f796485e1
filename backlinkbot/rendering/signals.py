"""Detects pages that look script-built, by a table of signals over their bytes that is cheap to check on every page.

A page with links has what it was served for, and is asked nothing else. Of the others each signal that holds gives points,
and ``ENOUGH`` of them make a page that is worth a browser. Nothing here parses, and nothing knows a browser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ENOUGH: Final = 4
"""Points from which on a page counts as script-built."""
MANY_LINKS: Final = 10
"""A page with more links is none, whatever else it holds: what it leads to was served."""
FEW_LINKS: Final = 3
LITTLE_TEXT: Final = 250
"""Bytes of text outside of tags, scripts and styles: a notice, a name, a footer."""
NOTICES: Final = 20
"""``<noscript>`` elements that are looked at."""
FAR: Final = 1_000_000
"""Bytes that are looked at; a shell is a few thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skimmed:
    """What the bytes of a page show without being parsed."""

    links: int
    text: int
    """Bytes, white space collapsed."""
    scripts: int
    """``<script>`` elements that a browser runs."""
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

# Where frameworks put what they build: the ids and names in their own templates and guides.
_ROOT_ID: Final = re.compile(
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
        b"-" in found["name"] or _ROOT_ID.search(found["words"]) is not None for found in _EMPTY.finditer(page.markup)
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
        meaning="a script at all",
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
        holds=lambda page: _ROOT_ID.search(page.markup) is not None or _ROOT_NAME.search(page.markup) is not None,
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


def signals_of(body: bytes) -> tuple[str, ...]:
    """The names of the signals that hold; empty for a page with many links, of which nothing is asked."""
    page = skim(body)
    return tuple(signal.name for signal in SIGNALS if signal.holds(page)) if page is not None else ()


def looks_script_built(body: bytes) -> bool:
    """Whether a page, as served, looks as if scripts were to build it; linear in the page, never raises."""
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
            scripts += 1
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


def _has_many_links(body: bytes) -> bool:
    """Whether it is plain from the first few; so most pages are done with at once."""
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
