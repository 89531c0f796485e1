"""The table of all sources, and the option values that select them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.download.backoff import OWN_PACE
from backlinkbot.errors import SettingError
from backlinkbot.sources.cdx import CDX
from backlinkbot.sources.feeds import FEEDS
from backlinkbot.sources.mediawiki import MEDIAWIKI, WIKIS
from backlinkbot.sources.sitemaps import SITEMAPS
from backlinkbot.sources.wordpress import WORDPRESS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlinkbot.sources.queries import Query, Source

SOURCES: Final[dict[str, Source]] = {
    source.name: source for source in (SITEMAPS, FEEDS, WORDPRESS, MEDIAWIKI, WIKIS, CDX)
}
WIKIMEDIA: Final = frozenset(
    {
        "mediawiki.org",
        "wikibooks.org",
        "wikidata.org",
        "wikimedia.org",
        "wikinews.org",
        "wikipedia.org",
        "wikiquote.org",
        "wikisource.org",
        "wikiversity.org",
        "wikivoyage.org",
        "wiktionary.org",
    }
)
"""Wikis that reject user agents without contact: https://foundation.wikimedia.org/wiki/Policy:User-Agent_policy."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The sources chosen for a run."""

    sources: tuple[Source, ...]
    wikis: tuple[str, ...] = ()
    """The ``api.php`` of each wiki that the user named."""
    guesses: bool = True
    """True if default addresses are tried that no page declares."""


GUESS: Final = "guess"
"""The option's word for such default addresses."""


def chosen(words: Iterable[str], *, contact: str = "") -> Choice:
    """Returns the default sources, changed by the user's words.

    Args:
        words: ``cdx``, ``wikipedia``, ``wikipedia:de``, ``mediawiki:https://wiki.example/w/api.php``; ``no-feeds``,
            ``no-guess``, ``none``; or, after ``none``, the name of a default source.
        contact: the user's contact address or URL, which some wikis require.

    Raises:
        SettingError: a word is unknown, or a wiki requires a contact.
    """
    standard = {source.name for source in SOURCES.values() if source.is_standard} | {GUESS}
    names, wikis = set(standard), []
    for word in words:
        if word == "none":
            names -= standard
        elif word.removeprefix("no-") in standard and word.startswith("no-"):
            names.discard(word.removeprefix("no-"))
        elif word in standard or word == CDX.name:
            names.add(word)
        else:
            names.add(WIKIS.name)
            wikis.append(_wiki(word, contact))
    sources = tuple(source for source in SOURCES.values() if source.name in names)
    return Choice(sources, tuple(dict.fromkeys(wikis)), GUESS in names)


def _wiki(word: str, contact: str) -> str:
    kind, _, rest = word.partition(":")
    language = rest or "en"
    if kind == "wikipedia" and language.replace("-", "").isalnum() and language.isascii():
        url = urls.parse(f"https://{language}.wikipedia.org/w/api.php")
    else:
        url = urls.parse(rest) if kind == "mediawiki" else None
    if url is None or not urls.is_web(url) or not url.pathname.endswith("/api.php"):
        standard = ", ".join(f"no-{source.name}" for source in SOURCES.values() if source.is_standard)
        raise SettingError(
            f"--source {word}: expected cdx, wikipedia, wikipedia:LANGUAGE, mediawiki:URL of an api.php, {standard}, "
            f"no-{GUESS} or none"
        )
    if not contact and urls.registrable_domain(url.hostname) in WIKIMEDIA:
        raise SettingError(f"--source {word}: this wiki requires a contact in the user agent; give --contact URL")
    return f"{url.protocol}//{url.host}{url.pathname}"


def request_meta(query: Query, max_size: int) -> dict[str, Any]:
    """Returns the meta of a document's request, besides its visit; ``max_size`` is the general limit in bytes."""
    source = SOURCES[query.source]
    meta: dict[str, Any] = {"source_query": query, "any_content": True}
    meta["download_maxsize"] = min(source.max_bytes, max_size) if max_size else source.max_bytes
    if source.timeout:
        meta["download_timeout"] = source.timeout
    if source.is_service:
        meta |= {"dont_obey_robotstxt": True, "dont_retry": True, OWN_PACE: True}
    return meta
