"""How much of the words of some links is about the target: counts only the words that these links have.

The same as :func:`~backlinkbot.reports.quality.profile.relevance` with a profile of all links, without keeping their words.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.reports.anchors import words
from backlinkbot.reports.quality.profile import said_words, share_about, url_words, word_weight

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from backlinkbot.reports.todo.links import LinkNumber, LinkTexts, TaskLinks

_KEPT: Final = 50_000
"""Most texts whose words are kept."""
_NONE: Final[frozenset[int]] = frozenset()


class _WordSets(dict[str, frozenset[int]]):
    """Text -> the numbers of those of its words that some links have."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        super().__init__()
        self._number = numbers.__getitem__
        self._known = frozenset(numbers)

    def of(self, found: Iterable[str]) -> frozenset[int]:
        """Returns the numbers of some words."""
        return frozenset(map(self._number, self._known.intersection(found)))

    def __missing__(self, text: str) -> frozenset[int]:
        if len(self) >= _KEPT:
            self.clear()
        self[text] = self.of(words(text))
        return self[text]


class _Topic:
    """What is about one target."""

    def __init__(self) -> None:
        self.domains = 0
        self.page_words: dict[str, frozenset[int]] = {}
        """Domain -> the numbers of the words on its pages."""
        self.anchor_words: dict[str, frozenset[int]] = {}
        self.own_words = _NONE
        self.having: Counter[int] = Counter()
        """The number of a word -> the domains on whose pages it is."""
        self.having_in_anchors: Counter[int] = Counter()

    def count(self) -> None:
        """Counts the domains of each word."""
        self.having = _counted(self.page_words.values())
        self.having_in_anchors = _counted(self.anchor_words.values())


def _counted(sets: Iterable[frozenset[int]]) -> Counter[int]:
    return Counter(chain.from_iterable(sets))


class Topics:
    """The relevance of some links."""

    def __init__(self, links: TaskLinks, wanted: Sequence[LinkNumber]) -> None:
        """Reads the words of these links."""
        self._links = links
        self._said: dict[LinkNumber, tuple[str, ...]] = {}
        """The words of a link and around it, without numbers."""
        self.pages: dict[LinkNumber, str] = {}
        """Link -> the address of its page."""
        known: dict[str, str] = {}
        for batch in links.texts_of(wanted):
            for link, page, row in zip(batch.links, batch.source_urls, _rows(batch), strict=True):
                said = tuple(known.setdefault(word, word) for word in said_words(row))
                self._said[link], self.pages[link] = said, page
        self._number = {word: number for number, word in enumerate(known)}
        self._topics: dict[str, _Topic] = {}

    def compare(self, referring: Mapping[str, Collection[str]], linked: Mapping[str, Iterable[str]]) -> None:
        """Reads the words of all links to these targets.

        Args:
            referring: target -> its referring domains.
            linked: target -> the addresses that its links lead to.
        """
        self._topics = {target: _Topic() for target in referring}
        if not self._number:
            return
        sets = _WordSets(self._number)
        for target, domains in referring.items():
            self._topics[target].domains = len(domains)
            for url in linked[target]:
                self._topics[target].own_words |= sets.of(url_words(url))
        for batch in self._links.texts(frozenset(referring)):
            self._add(batch, sets)
        for topic in self._topics.values():
            topic.count()

    def _add(self, batch: LinkTexts, sets: _WordSets) -> None:
        texts = zip(batch.titles, batch.before, batch.after, strict=True)
        last, page_words = None, _NONE
        for target, domain, anchor, text in zip(batch.targets, batch.domains, batch.anchors, texts, strict=True):
            topic = self._topics[target]
            if text != last:
                last, page_words = text, sets.of(_words_of(text))
            if page_words:
                topic.page_words[domain] = topic.page_words.get(domain, _NONE) | page_words
            if anchor_words := sets[anchor]:
                topic.anchor_words[domain] = topic.anchor_words.get(domain, _NONE) | anchor_words

    def relevance(self, target: str, domain: str, link: LinkNumber) -> float | None:
        """Returns the share of the words of one of the links, on a page of a domain, that are about a target."""
        of = self._topics[target]
        own_anchors = of.anchor_words.get(domain, _NONE)

        def is_about(number: int) -> bool:
            return number in of.own_words or of.having_in_anchors[number] > (number in own_anchors)

        weight: Callable[[int], float] = lambda number: word_weight(of.domains, of.having[number])  # noqa: E731
        return share_about([self._number[word] for word in self._said[link]], weight, is_about)


def _words_of(texts: tuple[str, ...]) -> list[str]:
    return [word for text in texts if text for word in words(text)]


def _rows(batch: LinkTexts) -> Iterator[Any]:
    for title, before, after, anchor in zip(batch.titles, batch.before, batch.after, batch.anchors, strict=True):
        yield SimpleNamespace(source_title=title, context_before=before, context_after=after, anchor=anchor)
