"""Evaluates robots directives: follow, indexable, and the rules that decide.

Rules: Google, "Robots meta tag, data-nosnippet, and X-Robots-Tag specifications" and "Qualify your outbound links";
the HTML standard for how ``rel`` is compared (ASCII case-insensitively).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEFAULT_AGENT: Final = "googlebot"

NOFOLLOW_RELS: Final = frozenset({"nofollow", "ugc", "sponsored"})
NOFOLLOW_DIRECTIVES: Final = frozenset({"nofollow", "none"})
NOINDEX_DIRECTIVES: Final = frozenset({"noindex", "none"})

# Directives that carry a value behind a colon; any other name before a colon is a user agent.
VALUED_DIRECTIVES: Final = frozenset(
    {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview", "indexifembedded"}
)

_SEPARATORS: Final = re.compile(r"[\s,]+")
_WORDS: Final = re.compile(r"[\s;]+")
# A product token, perhaps with a version: a letter somewhere, no space. "25 Jun 2010 15" (of a date) is none.
_USER_AGENT: Final = re.compile(r"(?=[^:]*[a-z])[a-z0-9_*./-]+|\*", re.IGNORECASE)


def rel_tokens(rel: str) -> tuple[str, ...]:
    """The tokens of a ``rel`` as written, in order; Google allows commas between them beside white space."""
    return tuple(token for token in _SEPARATORS.split(rel) if token)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsVerdict:
    """The result of all rules: follow and indexable, and the rules against each."""

    nofollow_by: tuple[str, ...] = ()
    noindex_by: tuple[str, ...] = ()

    @property
    def follow(self) -> bool:
        """True if no rule makes the link nofollow."""
        return not self.nofollow_by

    @property
    def indexable(self) -> bool:
        """True if no rule makes the page noindex."""
        return not self.noindex_by

    def with_rel(self, rel: Iterable[str]) -> RobotsVerdict:
        """Returns this page's verdict for one of its links."""
        by_rel = [f"rel:{token}" for token in map(str.lower, rel) if token in NOFOLLOW_RELS]
        if not by_rel:
            return self
        return RobotsVerdict(nofollow_by=(*dict.fromkeys(by_rel), *self.nofollow_by), noindex_by=self.noindex_by)


def judge(
    *,
    rel: str = "",
    metas: Iterable[tuple[str, str]] = (),
    x_robots_tag: Iterable[str] = (),
    closed_by: Iterable[str] = (),
    agent: str = DEFAULT_AGENT,
) -> RobotsVerdict:
    """Merges every rule that applies to a link; on conflict the most restrictive wins.

    Args:
        rel: the link's ``rel`` as written; empty for the verdict on the page alone.
        metas: (name, content) of the page's ``<meta name>`` elements, anywhere in the document.
        x_robots_tag: the values of every ``X-Robots-Tag`` header.
        closed_by: robots.txt rules that keep the agent from the page; they join ``noindex_by``.
        agent: the search engine's product token, lower case.
    """
    stated = [
        *((f"meta:{name}", directive) for name, directive in _meta_directives(metas, agent)),
        *((f"header:{name}", directive) for name, directive in _header_directives(x_robots_tag, agent)),
    ]
    page = RobotsVerdict(
        nofollow_by=tuple(dict.fromkeys(who for who, directive in stated if directive in NOFOLLOW_DIRECTIVES)),
        noindex_by=tuple(
            dict.fromkeys([*(who for who, directive in stated if directive in NOINDEX_DIRECTIVES), *closed_by])
        ),
    )
    return page.with_rel(rel_tokens(rel))


def _meta_directives(metas: Iterable[tuple[str, str]], agent: str) -> Iterator[tuple[str, str]]:
    for name, content in metas:
        who = name.strip().lower()
        if who in {"robots", agent}:
            for part in content.lower().split(","):
                yield from ((who, word) for word in _WORDS.split(part))


def _header_directives(values: Iterable[str], agent: str) -> Iterator[tuple[str, str]]:
    """Yields the comma-separated rules; a user agent before a colon applies to the rules up to the next one."""
    for value in values:
        who = "robots"
        for part in value.lower().split(","):
            rule = part.strip()
            while ":" in rule:
                name, _, rest = rule.partition(":")
                name = name.strip()
                if name in VALUED_DIRECTIVES or not _USER_AGENT.fullmatch(name):
                    rule = ""  # a value, or the rest of a date that held a comma
                    break
                who, rule = ("robots" if name == "*" else name), rest.strip()
            if who in {"robots", agent}:
                yield from ((who, word) for word in _WORDS.split(rule))
