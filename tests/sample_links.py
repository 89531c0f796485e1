"""Backlinks as they might gather over months, made from a seed: rows as a history keeps them, and its changes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from backlinkbot.items import Backlink, Change, ChangeKind, LinkState, Reason
from tests.linkrows import backlink

BEGIN = datetime(2026, 1, 7, 4, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)

ROW = backlink(
    "https://blog.example/",
    source_title="A blog",
    anchor="a map",
    external_links=12,
    internal_links=30,
    depth=1,
    fetched_at="2026-11-18T04:00:00Z",
)

PATHS = (
    "",
    "maps",
    "lighthouses",
    "harbour-walk.html",
    "pens",
    "guides/tides",
    "about",
    "blog/2026/spring-tides",
    "shop/ink",
)
WORDS = (
    "harbour",
    "coast",
    "sailing",
    "north",
    "tide",
    "paper",
    "atlas",
    "garden",
    "museum",
    "city",
    "travel",
    "weekly",
)
PLACEMENTS = (*("content",) * 6, "footer", "footer", "aside", "nav", "comment", "")
ANCHORS = (
    *(
        "Target",
        "Target.example",
        "https://target.example/",
        "the Target atlas",
        "here",
        "read more",
        "click here",
        "source",
    ),
    *(
        "harbour walk",
        "lighthouses",
        "a map of the tides",
        "tide tables",
        "the best pens",
        "weiterlesen",
        "en savoir plus",
    ),
    *(
        "spring tides",
        "Karten der Küste",
        "海の地図",
        "خرائط الساحل",
        "a very long sentence that somebody made a link of, whole",
    ),
)
TLDS = ("com", "org", "net", "de", "fr", "co.uk", "io", "jp", "nl", "example", "it", "pl", "edu")
LANGUAGES = ("en", "en-GB", "de", "fr", "", "ja", "nl", "ar", "pl", "it-IT")
RULES = (("rel:nofollow",), ("rel:ugc", "rel:nofollow"), ("rel:sponsored",), ("meta:robots",), ("header:googlebot",))


@dataclass
class Sample:
    rows: list[Backlink] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def text_of(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def row(**changed: Any) -> Backlink:
    return replace(ROW, **changed)


def change(of: Backlink, kind: ChangeKind, reason: Reason, when: datetime, **more: Any) -> Change:
    names = ("target", "source_url", "source_domain", "target_url", "anchor")
    given: dict[str, Any] = {"before": "", "after": "", "run": 1} | more
    return Change(kind=kind, reason=reason, at=text_of(when), **{n: getattr(of, n) for n in names}, **given)


def sample(links: int = 640, seed: int = 7) -> Sample:
    """The same for the same seed: a first crawl that finds a third, weekly visits after it."""
    chance = random.Random(seed)
    made = Sample()
    names = [f"{chance.choice(WORDS)}-{chance.choice(WORDS)}{n}.{chance.choice(TLDS)}" for n in range(links // 4)]
    for number in range(links):
        _add(made, chance, number, names[int(len(names) * chance.random() ** 2.2)])
    return made


def _add(made: Sample, chance: random.Random, number: int, domain: str) -> None:
    weeks = (NOW - BEGIN).days // 7
    born = 0 if chance.random() < 0.3 else int(weeks * chance.random() ** 0.8)
    first = BEGIN + timedelta(weeks=born, minutes=number)
    rules = chance.choice(RULES) if chance.random() < 0.31 else ()
    is_open = chance.random() > 0.08
    image = chance.random() < 0.12
    anchor = "" if chance.random() < 0.03 else ANCHORS[int(len(ANCHORS) * chance.random() ** 1.7)]
    path = PATHS[int(len(PATHS) * chance.random() ** 1.8)]
    words = f"{chance.choice(WORDS)}-{chance.choice(WORDS)}"
    link = row(
        source_url=f"https://www.{domain}/{chance.choice(('posts', '2026', 'links'))}/{words}-{number}.html",
        source_domain=domain,
        source_title=f"{words.replace('-', ' ').title()} · {domain.partition('.')[0]}",
        source_language=chance.choice(LANGUAGES),
        target_url=f"https://target.example/{path}",
        anchor=anchor,
        anchor_source=("alt" if image else "text") if anchor else "",
        link_type="image" if image else "text",
        placement=PLACEMENTS[number % len(PLACEMENTS)],
        rel=tuple(rule[4:] for rule in rules if rule.startswith("rel:")),
        follow=not rules,
        nofollow_by=rules,
        indexable=is_open,
        noindex_by=() if is_open else ("meta:robots",),
        first_seen=text_of(first),
        last_seen=text_of(NOW - timedelta(days=2)),
        fetched_at=text_of(NOW - timedelta(days=2)),
        state=LinkState.LIVE,
    )
    found = Reason.PAGE_FOUND if chance.random() < 0.8 else Reason.LINK_FOUND
    made.changes.append(change(link, ChangeKind.NEW, found, first))
    seen = first + timedelta(weeks=chance.randint(1, 30))
    if chance.random() < 0.24 and seen < NOW - timedelta(weeks=1):
        link = _lose(made, chance, link, seen)
    elif chance.random() < 0.08 and seen < NOW:
        made.changes.append(
            change(link, ChangeKind.CHANGED, Reason.NOFOLLOW_ADDED, seen, after="rel:nofollow")
            if chance.random() < 0.5
            else change(link, ChangeKind.CHANGED, Reason.ANCHOR_CHANGED, seen, before="old words", after=link.anchor)
        )
    made.rows.append(link)


def _lose(made: Sample, chance: random.Random, link: Backlink, seen: datetime) -> Backlink:
    reason = chance.choice(
        (Reason.REMOVED_FROM_PAGE, Reason.REMOVED_FROM_PAGE, Reason.PAGE_GONE, Reason.PAGE_REDIRECTED)
    )
    made.changes.append(change(link, ChangeKind.LOST, reason, seen + timedelta(weeks=1)))
    back = seen + timedelta(weeks=4)
    if chance.random() < 0.2 and back < NOW:
        made.changes.append(change(link, ChangeKind.RESTORED, Reason.LINK_FOUND, back))
        return replace(link, state=LinkState.RESTORED)
    return replace(link, state=LinkState.LOST, lost_reason=reason, last_seen=text_of(seen), fetched_at=text_of(seen))
