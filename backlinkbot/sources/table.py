"""The table of all sources, and the option values that select them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.download.backoff import OWN_PACE
from backlinkbot.errors import SettingError
from backlinkbot.sources.bing import BING
from backlinkbot.sources.cdx import CDX
from backlinkbot.sources.commoncrawl import COMMONCRAWL
from backlinkbot.sources.feeds import FEEDS
from backlinkbot.sources.github import GITHUB
from backlinkbot.sources.hackernews import HACKERNEWS
from backlinkbot.sources.lemmy import LEMMY
from backlinkbot.sources.lobsters import LOBSTERS
from backlinkbot.sources.marginalia import MARGINALIA
from backlinkbot.sources.mediawiki import MEDIAWIKI, WIKIMEDIA_API, WIKIMEDIA_HOSTS, WIKIS
from backlinkbot.sources.sitemaps import SITEMAPS
from backlinkbot.sources.stackexchange import STACKEXCHANGE
from backlinkbot.sources.wordpress import WORDPRESS
from backlinkbot.sources.yandex import YANDEX
from backlinkbot.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from backlinkbot.sources.queries import Query, Source

SOURCES: Final[dict[str, Source]] = {
    source.name: source
    for source in (
        *(SITEMAPS, FEEDS, WORDPRESS, MEDIAWIKI),
        # Those that answer with one request first.
        *(HACKERNEWS, LOBSTERS, STACKEXCHANGE, LEMMY, WIKIS, MARGINALIA, GITHUB, BING, YANDEX),
        *(COMMONCRAWL, CDX),
    )
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

GUESS: Final = "guess"
"""The option's word for default addresses that no page declares."""
LINKS: Final = "links"
"""The option's word for every service that knows links by their target, as far as it can be asked."""
ALL_WIKIMEDIA: Final = "wikimedia"
"""The option's word for the largest Wikipedias and their sister projects."""
NO_CONTACT: Final = "requires a contact in the user agent; give --contact URL"


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """The sources chosen for a run."""

    sources: tuple[Source, ...]
    wikis: tuple[str, ...] = ()
    """The ``api.php`` of each wiki that the user named."""
    guesses: bool = True
    """True if default addresses are tried that no page declares."""
    graphs: tuple[str, ...] = ()
    """The releases of Common Crawl's web graph that the user named."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Services that ``links`` leaves out, with what they need."""

    @property
    def finds_links(self) -> bool:
        """True if pages are named without a seed."""
        return any(source.finds_links for source in self.sources)


def chosen(
    words: Iterable[str], *, contact: str = "", keys: Iterable[str] = (), is_from_name: bool = False
) -> SourceChoice:
    """Returns the default sources, changed by the user's words.

    Args:
        words: ``links``, a source's name, ``wikimedia``, ``wikipedia``, ``wikipedia:de``,
            ``mediawiki:https://wiki.example/w/api.php``; ``no-`` and the name of a source that would be used,
            ``no-guess``, ``none``.
        contact: the user's contact address or URL, which some wikis require.
        keys: the settings that hold a key.
        is_from_name: True if nothing is named to start from; then ``links`` is the default, unless a word names a service.

    Raises:
        SettingError: a word is unknown, or a service requires a contact or a key.
    """
    given = list(words)
    picked = _Picked(contact, frozenset(keys))
    for word in given:
        picked.take(word)
    is_left_to_us = is_from_name and "none" not in given and not (picked.names & _SERVICES or picked.wikis)
    if is_left_to_us or LINKS in given:
        picked.take_links({word.removeprefix("no-") for word in given if word.startswith("no-")})
    names = picked.names | ({WIKIS.name} if picked.wikis else set())
    sources = tuple(source for source in SOURCES.values() if source.name in names)
    return SourceChoice(
        sources, tuple(dict.fromkeys(picked.wikis)), GUESS in picked.names, tuple(picked.graphs), picked.left_out
    )


_STANDARD: Final = frozenset({source.name for source in SOURCES.values() if source.is_standard} | {GUESS})
_SERVICES: Final = frozenset(source.name for source in SOURCES.values() if source.is_service and source is not WIKIS)
_LINKING: Final = tuple(source for source in SOURCES.values() if source.finds_links and source is not WIKIS)
_LEAVABLE: Final = _STANDARD | {source.name for source in _LINKING} | {ALL_WIKIMEDIA}


class _Picked:
    """What the user's words choose, one after the other."""

    def __init__(self, contact: str, keys: frozenset[str]) -> None:
        self.names = set(_STANDARD)
        self.wikis: list[str] = []
        self.graphs: list[str] = []
        self.left_out: dict[str, str] = {}
        self._contact = contact
        self._keys = keys

    def take(self, word: str) -> None:
        """Applies one word; raises SettingError."""
        if word == "none":
            self.names -= _STANDARD
        elif word == LINKS:
            pass
        elif word.startswith("no-") and word.removeprefix("no-") in _LEAVABLE:
            self.names.discard(word.removeprefix("no-"))
        elif word in _STANDARD or word in _SERVICES:
            if need := self._need_of(SOURCES.get(word)):
                raise SettingError(f"--source {word}: it {need}")
            self.names.add(word)
        elif word.startswith(f"{COMMONCRAWL.name}:"):
            self.names.add(COMMONCRAWL.name)
            self.graphs.append(word.partition(":")[2])
        elif word == ALL_WIKIMEDIA:
            self._require_contact(word)
            self.wikis += _wikimedia()
        else:
            self.wikis.append(self._wiki(word))

    def take_links(self, left: set[str]) -> None:
        """Chooses all services that know links, without those that are left out or lack what they need."""
        for source in _LINKING:
            need = self._need_of(source)
            has_key = source.key is not None and source.key.setting in self._keys
            if source.name in left or source.name in self.names:
                continue
            if need:
                self.left_out[source.name] = need
            elif has_key or not source.is_asked_by_name:
                self.names.add(source.name)
            else:
                self.left_out[source.name] = f"needs {source.profile.needs}"
        if ALL_WIKIMEDIA not in left and not self.wikis:
            if self._contact:
                self.wikis += _wikimedia()
            else:
                self.left_out[ALL_WIKIMEDIA] = NO_CONTACT

    def _need_of(self, source: Source | None) -> str:
        """Returns what a source lacks; empty if it can be asked."""
        key = source.key if source is not None else None
        is_missing = source is not None and key is not None and key.is_required and key.setting not in self._keys
        return f"needs {source.profile.needs}" if is_missing and source is not None else ""

    def _require_contact(self, word: str) -> None:
        if not self._contact:
            raise SettingError(f"--source {word}: this wiki {NO_CONTACT}")

    def _wiki(self, word: str) -> str:
        kind, _, rest = word.partition(":")
        language = rest or "en"
        if kind == "wikipedia" and language.replace("-", "").isalnum() and language.isascii():
            url = urls.parse(WIKIMEDIA_API.replace("{host}", f"{language}.wikipedia.org"))
        else:
            url = urls.parse(rest) if kind == "mediawiki" else None
        if url is None or not urls.is_web(url) or not url.pathname.endswith("/api.php"):
            raise SettingError(f"--source {word}: {_expected(word)}")
        if urls.registrable_domain(url.hostname) in WIKIMEDIA:
            self._require_contact(word)
        return f"{url.protocol}//{url.host}{url.pathname}"


def _wikimedia() -> list[str]:
    return [WIKIMEDIA_API.replace("{host}", host) for host in WIKIMEDIA_HOSTS]


def _expected(word: str) -> str:
    services = [*sorted(_SERVICES), ALL_WIKIMEDIA]
    meant = did_you_mean(word, [*services, *_STANDARD, *(f"no-{name}" for name in sorted(_LEAVABLE))])
    return (
        f"no such source{meant}; there are {LINKS}, {', '.join(services)}, wikipedia:LANGUAGE, mediawiki:URL of an api.php, "
        f"no-NAME, no-{GUESS} and none; backlinkbot sources lists them"
    )


def keys_in(settings: Mapping[str, Any]) -> frozenset[str]:
    """Returns the settings that hold a key of a service."""
    names = (source.key.setting for source in SOURCES.values() if source.key is not None)
    return frozenset(name for name in names if settings.get(name))


def addresses_in(pairs: Iterable[str]) -> dict[str, str]:
    """Parses ``NAME=URL``: addresses that replace those of services.

    Raises:
        SettingError: there is no such service, or the address is no URL.
    """
    found = {}
    for pair in pairs:
        name, _, address = pair.partition("=")
        if name not in SOURCES or not SOURCES[name].is_service or not urls.is_web(urls.parse(address)):
            services = ", ".join(source.name for source in SOURCES.values() if source.is_service)
            raise SettingError(f"BACKLINKBOT_SOURCE_ADDRESSES={pair}: expected NAME=URL; NAME is one of {services}")
        found[name] = address.rstrip("/")
    return found


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
