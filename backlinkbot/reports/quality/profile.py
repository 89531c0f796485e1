"""Profiles of all links to a target, with which a single link is compared.

They are computed in one pass over the rows. Memory grows with the number of different (domain, URL, anchor), words
and pages, each a number or a name, and not with the size of the rows.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from backlinkbot.reports.anchors import AnchorKind, AnchorReader, words
from backlinkbot.reports.breakdowns import NOT_SAID, UNCLEAR, language, top_level
from backlinkbot.reports.quality.own import NO_LINKS, OwnLinks, domain_of
from backlinkbot.reports.quality.owners import Owners
from backlinkbot.reports.quality.sitewide import Sitewide

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Self

    from backlinkbot.items import Backlink

K = TypeVar("K")
KEYWORDS = frozenset({AnchorKind.EXACT, AnchorKind.OTHER})
"""Kinds of anchors with keywords: no name, address or image, and nothing generic."""


class TargetProfile:
    """The profile of one target. It counts referring domains, so that no large site outweighs the others."""

    def __init__(self) -> None:
        self.domains: set[str] = set()
        self.anchors: Counter[str] = Counter()
        """Keywords only."""
        self.tlds: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        """A domain with several languages counts for each."""
        self.declaring_domains = 0
        """The number of domains that declare a language."""
        self.bundles: dict[str, frozenset[int]] = {}
        """Domain -> its links, each as a number for its URL and anchor."""
        self.alike: dict[frozenset[int], list[str]] = defaultdict(list)
        """Links -> the domains that have exactly these."""
        self.owners = Owners()
        """The accounts in the pages."""
        self.page_words: Counter[str] = Counter()
        self.anchor_words: Counter[str] = Counter()
        self.own_words: set[str] = set()
        """The words of the target's name and of the addresses that links lead to."""
        self.vocabulary = 0
        """The number of different words known to be the target's."""

    def weight(self, word: str) -> float:
        """Returns the weight of a word, which is small if it occurs on pages of many domains."""
        return word_weight(len(self.domains), self.page_words[word])


def word_weight(domains: int, having: int) -> float:
    """Returns the weight of a word that is on pages of so many of the referring domains."""
    return math.log((1 + domains) / (1 + having)) + 1e-9


class Profile:
    """The profiles of all targets among the rows, and their sitewide links."""

    def __init__(
        self,
        rows: Iterable[Backlink],
        *,
        reader: AnchorReader | None = None,
        own_links: OwnLinks = NO_LINKS,
        own_language: str = "",
    ) -> None:
        """Reads all rows for the profiles, and once more when sitewide links are needed.

        Args:
            rows: without those of the targets' own pages; each iteration reads them again.
            reader: classifies the anchors.
            own_links: the links of the targets' own pages.
            own_language: of the targets' pages; by default, that of most referring domains.
        """
        self.reader = reader or AnchorReader()
        self.own_links = own_links
        self.own_language = language(own_language) if own_language else ""
        self._rows = rows
        self._targets: dict[str, TargetProfile] = defaultdict(TargetProfile)
        self._seen: set[int] = set()
        self._numbers: dict[str, int] = defaultdict(count().__next__)
        """Word -> its number."""
        self._words: dict[tuple[str, str, str], set[int]] = defaultdict(set)
        """Target, domain and where -> the numbers of the words there."""
        self._bundles: dict[tuple[str, str], set[int]] = defaultdict(set)
        for row in rows:
            self._add(row)
        for (target, domain), bundle in self._bundles.items():
            links = frozenset(bundle)
            self._targets[target].bundles[domain] = links
            self._targets[target].alike[links].append(domain)
        self._bundles.clear()
        for of in self._targets.values():
            of.vocabulary = len(of.own_words | of.anchor_words.keys())

    @cached_property
    def sitewide(self) -> Sitewide:
        """The sitewide links among the rows."""
        return Sitewide(self._rows)

    @classmethod
    def given(cls, targets: Mapping[str, TargetProfile]) -> Self:
        """Returns a profile whose parts were counted elsewhere, as far as they are needed."""
        made = cls(())
        made._targets.update(targets)
        return made

    def of(self, row: Backlink) -> TargetProfile:
        """Returns the profile of the row's target."""
        return self._targets[row.target]

    def _add(self, row: Backlink) -> None:
        of = self._targets[row.target]
        if row.source_domain not in of.domains:
            of.domains.add(row.source_domain)
            of.tlds[top_level(row.source_domain)] += 1
        if row.source_accounts:
            of.owners.add(row)
        self._bundles[row.target, row.source_domain].add(hash((row.target_url, row.anchor)))
        spoken = language(row.source_language)
        if spoken not in {NOT_SAID, UNCLEAR}:
            of.declaring_domains += self._is_new(row, "declaring_domains")
            of.languages[spoken] += self._is_new(row, "language", spoken)
        if self.reader.kind(row) in KEYWORDS:
            of.anchors[row.anchor] += self._is_new(row, "anchor", row.anchor)
        for word in self._new_words(row, "page", page_words(row)):
            of.page_words[word] += 1
        for word in self._new_words(row, "word", words(row.anchor)):
            of.anchor_words[word] += 1
        of.own_words.update(url_words(row.target_url))

    def _is_new(self, row: Backlink, *what: str) -> bool:
        """True if the row's domain has not been seen with this before."""
        key = hash((row.target, row.source_domain, what))
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _new_words(self, row: Backlink, what: str, found: Iterable[str]) -> Iterator[str]:
        """Yields the words that have not been seen with the row's domain before."""
        seen = self._words[row.target, row.source_domain, what]
        for word in found:
            number = self._numbers[word]
            if number not in seen:
                seen.add(number)
                yield word

    def has_own_anchor_with(self, row: Backlink, word: str) -> bool:
        """True if the row's own domain has the word in an anchor."""
        seen = self._words.get((row.target, row.source_domain, "word"), ())
        return word in self._numbers and self._numbers[word] in seen


def page_words(row: Backlink) -> Iterator[str]:
    """Yields the words of the page around the link: its title, and the text before and after the link if present."""
    around = (row.context_before, row.context_after)
    return chain.from_iterable(map(words, (row.source_title, *around)))


def url_words(url: str) -> Iterator[str]:
    """Yields the words of a URL's path, and the name of its domain."""
    rest = url.partition("://")[2].partition("#")[0].partition("/")[2]
    name = domain_of(url).partition(".")[0]
    return (word for word in chain(words(name), words(unquote(rest))) if not word.isdigit())


def relevance(row: Backlink, profile: Profile) -> float | None:
    """Returns the share of the page's and anchor's words that are about the target, from 0 to 1; None if there are none.

    The target's words are those of its addresses and those of other domains' anchors. Words that occur on pages of many
    domains count little.
    """
    of = profile.of(row)
    return share_about(said_words(row), of.weight, lambda word: _is_about(word, row, profile))


def said_words(row: Backlink) -> set[str]:
    """Returns the words of the page around the link and of its anchor, without numbers."""
    return {word for word in (*page_words(row), *words(row.anchor)) if not word.isdigit()}


def share_about(said: Collection[K], weight: Callable[[K], float], is_about: Callable[[K], bool]) -> float | None:
    """Returns the share of the words that are about the target, by weight; None if there are no words."""
    if not said:
        return None
    return round(sum(map(weight, filter(is_about, said))) / sum(map(weight, said)), 2)


def _is_about(word: str, row: Backlink, profile: Profile) -> bool:
    of = profile.of(row)
    return word in of.own_words or of.anchor_words[word] > profile.has_own_anchor_with(row, word)
