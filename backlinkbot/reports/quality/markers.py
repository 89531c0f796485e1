"""Quality markers: each names one observable sign, with its evidence in words; none is a score.

``docs/quality.md`` describes each. The thresholds are this project's, from where on a link deserves a look; no search
engine publishes any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from backlinkbot.errors import UsageError
from backlinkbot.reports.breakdowns import language, top_level
from backlinkbot.reports.quality.own import domain_of
from backlinkbot.reports.quality.profile import KEYWORDS, Profile, page_words, relevance
from backlinkbot.reports.quality.sitewide import placement_of
from backlinkbot.reports.quality.spam_words import (
    domain_words,
    link_trade_terms,
    names_spam_trade,
    offers_links,
    spam_trade_terms,
)
from backlinkbot.text.csv_escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from backlinkbot.items import Backlink


class Marker(StrEnum):
    """An observable sign on a link, its page or its domain."""

    ANCHOR_REPETITION = "anchor_repetition"
    LINK_DENSITY = "link_density"
    OUTLINKS = "outlinks"
    HIDDEN = "hidden"
    FOOTER = "footer"
    SITEWIDE = "sitewide"
    SPONSORED = "rel_sponsored"
    UGC = "rel_ugc"
    LANGUAGE_MISMATCH = "language_mismatch"
    PARKED = "parked"
    THIN_PAGE = "thin_page"
    TLD_SHARE = "tld_share"
    RECIPROCAL = "reciprocal"
    NETWORK = "network"
    SAME_OWNER = "same_owner"
    OFF_TOPIC = "off_topic"
    LINK_TRADE = "link_trade"
    TRADE_ANCHOR = "trade_anchor"
    SPAM_TRADE = "spam_trade"
    OFF_SCREEN = "off_screen"


# The thresholds of the markers.
ANCHOR_DOMAINS: Final = 5
ANCHOR_SHARE: Final = 0.15
DENSE_LINKS: Final = 30
DENSE_SHARE: Final = 0.8
MANY_OUTLINKS: Final = 100
LANGUAGE_DOMAINS: Final = 10
LANGUAGE_SHARE: Final = 0.6
THIN_LINKS: Final = 1
TLD_DOMAINS: Final = 10
TLD_SHARE: Final = 0.2
NETWORK_DOMAINS: Final = 3
NETWORK_LINKS: Final = 2
TOPIC_WORDS: Final = 3
VOCABULARY: Final = 50
SPAM_TERMS: Final = 2
MANY_SPAM_TERMS: Final = 3

SPAM: Final = frozenset({Marker.LINK_TRADE, Marker.TRADE_ANCHOR, Marker.OFF_SCREEN, Marker.PARKED, Marker.NETWORK})
"""The markers that accuse a link or its domain of spam; the others describe a link, a page or a domain, as honest ones may be as well."""

USUAL_TLDS: Final = frozenset({".com", ".org", ".net", ".edu", ".gov", ".info", "address"})
"""Top-level domains of which a large share is normal, as is one of the target's own."""

# Titles of pages of domains without an owner.
PARKED_TITLES: Final = (
    r"domain( name)?( is)?( now)? (for|on) sale",
    r"(buy|purchase|get) this domain",
    r"this (web ?site|domain)( name)? (is|may be) (for sale|parked|available)",
    r"parked (domain|free|page|at)",
    r"domain (parking|parked|expired)",
    r"(domain|website) (has )?expired",
    r"diese (domain|website) (steht|ist) (zum verkauf|zu verkaufen)",
    r"domain (steht )?zum verkauf",
    r"domaine? (est )?à vendre",
    r"dominio (está )?en venta",
    r"welcome to nginx",
    r"apache2? .{0,20}default page",
    r"default web ?site page",
    r"iis windows server",
    r"(web ?site|page) (is )?under construction",
)
_PARKED: Final = re.compile("|".join(f"(?:{title})" for title in PARKED_TITLES), re.IGNORECASE)
PARKING_HOSTS: Final = frozenset(
    {
        *("above.com", "afternic.com", "bodis.com", "cashparking.com", "dan.com", "domainmarket.com", "fabulous.com"),
        *("hugedomains.com", "namedrive.com", "parkingcrew.com", "parkingcrew.net", "parklogic.com", "sav.com"),
        *("sedo.com", "sedoparking.com", "skenzo.com", "smartname.com", "undeveloped.com", "uniregistry.com"),
    }
)
"""Registrable domains that show pages for domains without an owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A marker that applies, and its evidence."""

    marker: Marker
    evidence: str
    """One line of text."""


# --- markers of a link and its page ----------------------------------------------------------------------------------


def _link_density(row: Backlink, _: Profile) -> str:
    links = row.external_links + row.internal_links
    if row.external_links < DENSE_LINKS or row.external_links < DENSE_SHARE * links:
        return ""
    return f"{row.external_links} of the page's {links} links lead to other domains"


def _outlinks(row: Backlink, _: Profile) -> str:
    return f"{row.external_links} links of the page lead to other domains" if row.external_links > MANY_OUTLINKS else ""


UNSEEN: Final = {"hidden": "the page hides the link from readers", "crawler_only": "browsers are not served this link"}
"""Flag -> its meaning to a reader of the page."""


_MOVED: Final = re.compile(r"(?:left|right|top|bottom|text-indent|margin(?:-[a-z]+)?|transform|font-size|color):")
"""What hides a link for good; a script that opens a menu changes ``display``, ``visibility`` or ``opacity``."""


def _hidden(row: Backlink, _: Profile) -> str:
    flag = next((flag for flag in UNSEEN if flag in row.flags), "")
    said = next((by.removeprefix(f"{flag}:") for by in row.flags_by if by.startswith(f"{flag}:")), "") if flag else ""
    return f"{UNSEEN[flag]}: {said}" if said else UNSEEN.get(flag, "")


def _off_screen(row: Backlink, _: Profile) -> str:
    if not row.follow:
        return ""
    by = (by.removeprefix("hidden:style ") for by in row.flags_by if by.startswith("hidden:style "))
    return next((f"a style attribute hides the link: {how}" for how in by if _MOVED.match(how)), "")


def _link_trade(row: Backlink, _: Profile) -> str:
    if link_trade_terms(domain_words(domain_of(row.target_url))):
        return ""  # pages about the target say the same words
    if offers_links(domain_words(row.source_domain)):
        return f"the domain's name offers links: {row.source_domain}"
    for where, text in (("page's title", row.source_title), ("heading above the link", row.heading)):
        if found := offers_links(text):
            return f"the {where} says {found[0]!r}: {text!r}"
    around = link_trade_terms(_around(row)) if offers_links(_around(row)) else []
    return f"the text around the link says {_quoted(around)}" if len(around) >= SPAM_TERMS else ""


def _spam_trade(row: Backlink, _: Profile) -> str:
    named = spam_trade_terms(f"{row.source_title} | {domain_words(row.source_domain)}")
    return f"title and domain of the page say {_quoted(named)}" if len(named) >= SPAM_TERMS else ""


def _trade_anchor(row: Backlink, profile: Profile) -> str:
    about = (row.source_title, domain_words(row.source_domain), domain_words(domain_of(row.target_url)))
    if not row.follow or any(map(spam_trade_terms, about)):
        return ""
    nothing = f"the page's title, {row.source_title!r}, says nothing like it"
    around = spam_trade_terms(_around(row))
    if len(around) >= MANY_SPAM_TERMS:
        return f"the text around the link says {_quoted(around)}; {nothing}"
    linked = names_spam_trade(row.anchor)
    if not linked or profile.reader.kind(row) not in KEYWORDS:
        return ""
    if 2 * sum(len(term.split()) for term in linked) < len(row.anchor.split()):
        return ""  # a headline that says one of the words
    return f"the anchor {row.anchor!r} says {linked[0]!r}; {nothing}"


def _around(row: Backlink) -> str:
    return f"{row.context_before} {row.anchor} {row.context_after}"


def _quoted(terms: Iterable[str]) -> str:
    return ", ".join(map(repr, terms))


def _footer(row: Backlink, _: Profile) -> str:
    return "the link is in the page's footer" if placement_of(row) == "footer" else ""


def _claims(token: str) -> Callable[[Backlink, Profile], str]:
    def claim(row: Backlink, _: Profile) -> str:
        return f'the page declares rel="{token}"' if token in map(str.lower, row.rel) else ""

    return claim


def _parked(row: Backlink, _: Profile) -> str:
    if match := _PARKED.search(row.source_title):
        return f"the page's title contains {match[0]!r}"
    hosts = {row.source_domain, domain_of(row.canonical_url)} & PARKING_HOSTS
    return f"the page belongs to {min(hosts)}, where domains are parked" if hosts else ""


def _thin_page(row: Backlink, _: Profile) -> str:
    if row.source_title or row.internal_links > THIN_LINKS:
        return ""
    return f"the page has no title, and {row.internal_links} links to its own site"


def _off_topic(row: Backlink, profile: Profile) -> str:
    of = profile.of(row)
    said = set(page_words(row))
    if len(said) < TOPIC_WORDS or of.vocabulary < VOCABULARY or relevance(row, profile):
        return ""
    return f"no word of title and anchor is about the target: {row.source_title!r}"


# --- markers of a link or domain compared with all others ------------------------------------------------------------


def _anchor_repetition(row: Backlink, profile: Profile) -> str:
    of = profile.of(row)
    domains = of.anchors[row.anchor]
    if not is_repeated(domains, len(of.domains)) or profile.reader.kind(row) not in KEYWORDS:
        return ""
    return f"{domains} of {len(of.domains)} referring domains use the anchor {row.anchor!r}"


def is_repeated(domains: int, of: int) -> bool:
    """True if so many of the referring domains that use an anchor are a large part of them."""
    return domains >= ANCHOR_DOMAINS and domains >= ANCHOR_SHARE * of


def _sitewide(row: Backlink, profile: Profile) -> str:
    return profile.sitewide.evidence(row)


def _language_mismatch(row: Backlink, profile: Profile) -> str:
    of = profile.of(row)
    spoken = language(row.source_language)
    if spoken not in of.languages:
        return ""
    if profile.own_language:
        return f"the page declares {spoken}, the target is {profile.own_language}" * (spoken != profile.own_language)
    usual, domains = of.languages.most_common(1)[0]
    if spoken == usual or of.declaring_domains < LANGUAGE_DOMAINS or domains < LANGUAGE_SHARE * of.declaring_domains:
        return ""
    return f"the page declares {spoken}; of {of.declaring_domains} referring domains that declare a language, {domains} declare {usual}"


def _tld_share(row: Backlink, profile: Profile) -> str:
    of = profile.of(row)
    tld = top_level(row.source_domain)
    domains = of.tlds[tld]
    if tld in USUAL_TLDS or tld == top_level(domain_of(row.target_url)):
        return ""
    if domains < TLD_DOMAINS or domains < TLD_SHARE * len(of.domains):
        return ""
    return f"{domains} of {len(of.domains)} referring domains end in {tld}"


def _reciprocal(row: Backlink, profile: Profile) -> str:
    return profile.own_links.evidence(row)


def _network(row: Backlink, profile: Profile) -> str:
    of = profile.of(row)
    bundle = of.bundles.get(row.source_domain, frozenset())
    alike = of.alike.get(bundle, [])
    if len(bundle) < NETWORK_LINKS or len(alike) < NETWORK_DOMAINS:
        return ""
    others = sorted(domain for domain in alike if domain != row.source_domain)
    some = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
    return f"{len(others)} other domains have the same {len(bundle)} links (URL and anchor): {some}"


def _same_owner(row: Backlink, profile: Profile) -> str:
    return profile.of(row).owners.evidence(row.source_domain)


# marker -> evidence, empty if it does not apply; in the order in which they are shown.
RULES: Final[Mapping[Marker, Callable[[Backlink, Profile], str]]] = {
    Marker.NETWORK: _network,
    Marker.SAME_OWNER: _same_owner,
    Marker.ANCHOR_REPETITION: _anchor_repetition,
    Marker.LINK_TRADE: _link_trade,
    Marker.TRADE_ANCHOR: _trade_anchor,
    Marker.OFF_SCREEN: _off_screen,
    Marker.SPAM_TRADE: _spam_trade,
    Marker.HIDDEN: _hidden,
    Marker.RECIPROCAL: _reciprocal,
    Marker.SITEWIDE: _sitewide,
    Marker.FOOTER: _footer,
    Marker.PARKED: _parked,
    Marker.THIN_PAGE: _thin_page,
    Marker.LINK_DENSITY: _link_density,
    Marker.OUTLINKS: _outlinks,
    Marker.TLD_SHARE: _tld_share,
    Marker.LANGUAGE_MISMATCH: _language_mismatch,
    Marker.OFF_TOPIC: _off_topic,
    Marker.SPONSORED: _claims("sponsored"),
    Marker.UGC: _claims("ugc"),
}


def marks(row: Backlink, profile: Profile, among: Container[Marker] = RULES) -> tuple[Mark, ...]:
    """Returns every marker of a link, of its page and of its domain; if ``among`` is given, only of these markers."""
    found = ((marker, rule(row, profile)) for marker, rule in RULES.items() if marker in among)
    return tuple(Mark(marker=marker, evidence=one_line(evidence, 300)) for marker, evidence in found if evidence)


def spam_of(found: Iterable[Mark]) -> tuple[str, ...]:
    """Returns those of some marks that accuse of spam, each with its evidence."""
    return tuple(f"{mark.marker.value}: {mark.evidence}" for mark in found if mark.marker in SPAM)


class DomainMarks:
    """The marks of many links: the number of links with each, and the evidence of the first page by address."""

    def __init__(self) -> None:
        self._links = self._marked = 0
        self._counts: dict[Marker, int] = {}
        self._first: dict[Marker, tuple[str, str]] = {}

    def add(self, row: Backlink, found: Iterable[Mark]) -> None:
        """Counts a link and its marks."""
        every = tuple(found)
        self._links += 1
        self._marked += bool(every)
        for mark in every:
            self._counts[mark.marker] = self._counts.get(mark.marker, 0) + 1
            seen = (row.source_url, mark.evidence)
            self._first[mark.marker] = min(seen, self._first.get(mark.marker, seen))

    @property
    def most(self) -> bool:
        """True if at least half of the links have a mark."""
        return 2 * self._marked >= self._links

    def marks(self) -> tuple[Mark, ...]:
        """Returns one mark for each marker of any of the links."""
        return tuple(
            Mark(marker=marker, evidence=self._share(marker) + self._first[marker][1])
            for marker in RULES
            if marker in self._counts
        )

    def _share(self, marker: Marker) -> str:
        return f"{self._counts[marker]} of {self._links} links: " if self._links > 1 else ""


def parse_markers(text: str) -> frozenset[Marker]:
    """Parses names of markers, separated by commas.

    Raises:
        UsageError: there is no such marker.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Marker)]
    if unknown or not names:
        wrong = f"{unknown[0]!r} is not a marker" if unknown else "no marker is named"
        raise UsageError(f"{wrong}; the markers are {', '.join(RULES)}")
    return frozenset(map(Marker, names))
