"""Parses the values of cells: a page or domain, yes or no, a rel, a lost link."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from backlinkbot import urls
from backlinkbot.extract.robots_directives import NOFOLLOW_RELS, rel_tokens
from backlinkbot.importers.formats.header_aliases import fold
from backlinkbot.importers.outcomes import Fault
from backlinkbot.text.csv_escaping import GUARD, guard, unguard

YES: Final = frozenset(
    {"true", "yes", "y", "t", "1", "x", "ja", "si", "sí", "oui", "sim", "tak", "да", "✓", "✔", "✅"}
    | {"wahr", "vrai", "vero", "verdadero", "verdadeiro", "waar", "prawda", "истина"}
)
NO: Final = frozenset(
    {"false", "no", "n", "f", "0", "-", "nein", "non", "não", "nao", "nie", "нет", "✗", "❌"}
    | {"falsch", "faux", "falso", "onwaar", "fałsz", "ложь"}
)
# The values of a column about lost links that do not mean lost, folded.
NOT_LOST: Final = frozenset(
    {
        "",
        "0",
        "false",
        "no",
        "n",
        "f",
        "none",
        "null",
        "na",
        "nan",
        "nein",
        "non",
        "live",
        "active",
        "ok",
        "found",
        "new",
    }
    | {"restored", "changed", "linkfound", "pagefound", "linkrestored", "linked", "redirected", "blockedbyrobots"}
    | {"refused", "servererror", "unreachable", "nothtml"}
)
RESOURCES: Final = frozenset(
    {"css", "stylesheet", "style", "js", "javascript", "script", "img", "image", "images", "picture", "font", "fonts"}
    | {"media", "video", "audio", "swf", "flash", "xhr", "fetch", "fetchxhr", "ajax", "plugin", "favicon", "icon"}
    | {"bild", "imagen", "immagine", "imagem", "afbeelding", "obraz", "skript", "hojadeestilo", "feuilledestyle"}
    | {"изображение", "скрипт", "画像", "スクリプト", "图片", "脚本"}
)
"""The names, folded, by which crawlers call what a page loads and does not link to."""
_INTERNAL: Final = frozenset(
    {"internal", "intern", "interne", "interno", "interna", "internallink", "внутренняя", "内部", "内部リンク"}
)
# Top-level domains that are not registered and used all the same (RFC 6761, RFC 2606).
_RESERVED: Final = frozenset({"example", "test", "invalid", "localhost", "local", "internal", "lan", "home", "corp"})
_FORMULA: Final = re.compile(r"""=\s*HYPERLINK\(\s*"([^"]+)\"""", re.IGNORECASE)
_TYPED: Final = re.compile(
    r"\b(no[-\s]?follow|do[-\s]?follow|follow(?:ed)?|ugc|user generated|sponsored|[nd]f)\b", re.IGNORECASE
)
_SHORT: Final = {"nf": "nofollow", "df": "dofollow", "usergenerated": "ugc"}
_HAS_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST_AND_PORT: Final = re.compile(r"[^/?#@\s]+\.[^/?#@\s]+:\d+(?:[/?#]|$)")


def plain(cell: str) -> str:
    """Returns a cell as text: without surrounding white space and escapes, and the URL of a hyperlink formula."""
    text = cell.strip()
    if text[:1] == GUARD != text[1:2] and guard(bare := unguard(text)) == text:
        text = bare
    if text[:1] == "=" and (link := _FORMULA.match(text)):
        return link[1]
    return text


def place(text: str) -> tuple[str, bool] | Fault:
    """Returns the page or domain as written, and true for a domain; or the fault if it is neither."""
    text = text.removeprefix(GUARD)
    if not text:
        return Fault.NO_URL
    if text[:4].lower() == "http" and _HAS_SCHEME.match(text):
        return (text, False) if urls.is_web(urls.parse(text)) else Fault.NOT_A_URL
    if text.startswith("//"):
        return place(f"https:{text}")
    if (_HAS_SCHEME.match(text) and not _HOST_AND_PORT.match(text)) or text[0] == "/" or len(text.split()) > 1:
        return Fault.NOT_A_URL
    host, _, rest = text.partition("/")
    parsed = urls.parse(f"https://{text}")
    if parsed is None or "@" in host or not _is_host(parsed.hostname, host):
        return Fault.NOT_A_URL
    return text, not rest and not parsed.search and not parsed.hash


def _is_host(hostname: str, written: str) -> bool:
    """True if a name without scheme is a host name: ``report.pdf`` and ``1.5`` are not."""
    name = urls.bare_host(hostname)
    last = name.rpartition(".")[2]
    if "." not in name or last.isdigit():
        return "." in name and written.startswith(name)
    return last in _RESERVED or urls.is_top_level_domain(last)


def domain(text: str) -> str | Fault:
    """Returns the host of a cell that names a domain in any notation, or the fault."""
    found = place(text.removeprefix("*.").removeprefix("."))
    if isinstance(found, Fault):
        return found
    parsed = urls.parse(found[0] if found[0][:4].lower() == "http" and ":" in found[0] else f"https://{found[0]}")
    return urls.bare_host(parsed.hostname) if parsed is not None else Fault.NOT_A_URL


def parse_yes_no(cell: str) -> bool | None:
    """Parses yes or no; returns None for anything else."""
    word = cell.strip().lower()
    return True if word in YES else False if word in NO else None


@lru_cache(maxsize=10_000)
def verdict(
    *,
    rel: str | None,
    nofollow: str | None,
    follow: str | None,
    ugc: str | None,
    sponsored: str | None,
    kind: str | None,
) -> tuple[tuple[str, ...], bool | None]:
    """Returns rel tokens and follow from the cells about them; a missing column is None."""
    tokens = dict.fromkeys(map(str.lower, rel_tokens(rel or "")))
    said = [(nofollow, "nofollow"), (ugc, "ugc"), (sponsored, "sponsored")]
    tokens |= dict.fromkeys(name for cell, name in said if cell is not None and parse_yes_no(cell))
    typed = [_SHORT.get(word, word) for word in map(fold, _TYPED.findall(kind or ""))]
    tokens |= dict.fromkeys(word for word in typed if "follow" not in word)
    tokens |= dict.fromkeys(word for word in typed if word == "nofollow")
    # "nofollow" and "dofollow" as values of a column with one of these names
    answers = [fold(cell) for cell in (nofollow, follow) if cell]
    tokens |= dict.fromkeys(word for word in answers if word == "nofollow")
    if not NOFOLLOW_RELS.isdisjoint(tokens):
        return tuple(tokens), False
    if follow is not None and (answer := parse_yes_no(follow)) is not None:
        return tuple(tokens), answer
    has_follow = rel is not None or {"dofollow", "follow"} & set(answers) or any("follow" in word for word in typed)
    if has_follow or (nofollow is not None and parse_yes_no(nofollow) is False):
        return tuple(tokens), True
    return tuple(tokens), None


def is_internal(cell: str, *, is_about_it: bool) -> bool:
    """True if a cell says that a link is one within a site; "yes" means it only in a column about it."""
    word = fold(cell)
    return word in _INTERNAL or (is_about_it and parse_yes_no(cell) is True)


def is_lost(cell: str) -> bool:
    """True if the value of a column about lost links means that this link is lost."""
    if not cell:
        return False
    word = fold(cell)
    return word not in NOT_LOST and not word.startswith("error")
