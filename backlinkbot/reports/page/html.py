"""Writes the HTML report: one self-contained file.

It escapes untrusted text, loads nothing, and its security policy allows only its own script and its own style sheet.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from backlinkbot.reports.page import charts, labels
from backlinkbot.reports.page.line_breaks import breakable
from backlinkbot.reports.page.safe_text import address_text, cut, link_to
from backlinkbot.urls import readable, readable_host

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from backlinkbot.reports.page.charts import Chart
    from backlinkbot.reports.page.figures import Figures

_SHORT: Final = 90
"""Characters of an address in a table; its tooltip shows all of it."""
_TOOLTIP: Final = 1_000
_NAMED: Final = 5
"""The number of targets in the heading."""
_ADDRESS: Final = re.compile(r"https?://\S+$")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def page(figures: Figures, tasks: Sequence[Any] = ()) -> str:
    """Returns the HTML of the whole file, which begins with the tasks, if there are any.

    Args:
        figures: what it shows.
        tasks: a :class:`~backlinkbot.reports.todo.listing.Section` for each kind of task.
    """
    loader = PackageLoader("backlinkbot.reports.page")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(_FILTERS)
    style, script = (loader.get_source(environment, name)[0] for name in ("report.css", "report.js"))
    return environment.get_template("report.html").render(
        figures=figures,
        tasks=tasks,
        first=list(_first(figures)),
        over_time=list(_over_time(figures)),
        more=list(_drawn(figures, (*_MORE, _TOP_LEVEL) if figures.authority else _MORE)),
        named=figures.targets[:_NAMED],
        reasons=labels.REASONS,
        kinds=labels.KINDS,
        answers=labels.ANSWERS,
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
    )


def _policy(style: str, script: str) -> str:
    """Returns a policy (https://www.w3.org/TR/CSP3/) that forbids everything but the two texts with these hashes."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


_WEEKS: Final = 2
"""The number of weeks from which on lines say something."""


def _over_time(figures: Figures) -> Iterator[tuple[str, str, Chart]]:
    """Yields the title, note and picture of each chart of weeks, once there are some."""
    weeks = figures.weeks
    if len(weeks) < _WEEKS:
        return
    for title, note, chart in (
        ("Backlinks", "At the end of each week", charts.over_time(weeks, "backlinks", "Backlinks")),
        ("Referring domains", "At the end of each week", charts.over_time(weeks, "domains", "Referring domains")),
        ("New and lost", "Backlinks by week, without the first, in which all were new", charts.new_and_lost(weeks)),
    ):
        if chart is not None:
            yield title, note, chart


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """A chart of a breakdown."""

    title: str
    note: str
    breakdown: str
    names: Mapping[Any, str] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)
    counts_domains: bool = False


_VOTES: Final = _Picture(
    title="Follow",
    note="Backlinks by what search engines may do with them",
    breakdown="votes",
    names=labels.VOTES,
    colours=labels.VOTE_COLOURS,
)
_AUTHORITY: Final = "Referring domains by authority"
_FIRST: Final = (
    _Picture(
        title="Referring domains by kind of link",
        note="What the page suggests; a domain with links of several kinds counts in each",
        breakdown="link_kinds",
        names=labels.LINK_KINDS,
        colours=labels.LINK_KIND_COLOURS,
        counts_domains=True,
    ),
    _Picture(
        title="Placement",
        note="The part of the page that contains the link",
        breakdown="placements",
        names=labels.PLACEMENTS,
        colours=labels.LINK_KIND_COLOURS,
    ),
    _Picture(
        title="Anchors",
        note="The words of the links; frames and others have none",
        breakdown="anchor_kinds",
        names=labels.KINDS,
    ),
    _Picture(
        title="Why not followed",
        note="Rules that keep links from being followed or pages from the index",
        breakdown="rules",
    ),
)
_TOP_LEVEL: Final = _Picture(
    title="Referring domains by ending",
    note="The top-level domains of the referring domains",
    breakdown="tlds",
    counts_domains=True,
)
_MORE: Final = (
    _Picture(title="Link types", note="The markup of the links", breakdown="link_types", names=labels.LINK_TYPES),
    _Picture(
        title="Languages", note="The languages that the pages declare", breakdown="languages", names=labels.LANGUAGES
    ),
)


def _first(figures: Figures) -> Iterator[tuple[str, str, Chart]]:
    """Yields the title, note and picture of what can be seen from the first day on."""
    yield from _drawn(figures, (_VOTES,))
    steps = charts.bars(figures.authority, figures.domains, {}, {"not known": "muted"}, _AUTHORITY, counts_domains=True)
    if steps is not None:
        yield _AUTHORITY, "From 0 to 100, by the rank file", steps
    yield from _drawn(figures, _FIRST if steps is not None else (_TOP_LEVEL, *_FIRST))


def _drawn(figures: Figures, pictures: Sequence[_Picture]) -> Iterator[tuple[str, str, Chart]]:
    for one in pictures:
        whole = figures.domains if one.counts_domains else figures.backlinks
        shares = figures.breakdowns[one.breakdown]
        if one.counts_domains:
            shares = tuple(sorted(shares, key=lambda share: -share.domains))
        chart = charts.bars(
            shares,
            whole,
            one.names,
            one.colours,
            one.title,
            counts_domains=one.counts_domains,
        )
        if chart is not None:
            yield one.title, one.note, chart


# --- filters ----------------------------------------------------------------------------------------------------------


def _number(value: float) -> str:
    return f"{value:,}"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "\u2013"


def _day(text: str) -> str:
    """Returns the day of a time; any other text is unchanged."""
    return text[:10] if _DAY.match(text) else cut(text, 20)


def _address(url: str) -> str:
    return address_text(url, _SHORT)


def _words(text: str, longest: int) -> Markup:
    """Returns a text, cut and escaped, that lines break where words end."""
    return breakable(cut(text, longest))


def _value(text: str) -> Markup:
    """Returns what a change was about: an address as :func:`_address` shows it, other text as :func:`_words` does."""
    return breakable(_address(text)) if _ADDRESS.match(text) else _words(text, _SHORT)


def _tooltip(text: str) -> str:
    """Returns more of a text that the table cuts."""
    return cut(readable(text), _TOOLTIP) if len(text) > _SHORT else ""


_FILTERS: Final = {
    "number": _number,
    "percent_of": _percent,
    "day": _day,
    "address": _address,
    "breaking_address": lambda url: breakable(_address(url)),
    "words": _words,
    "value": _value,
    "tooltip": _tooltip,
    "text": cut,
    "host": readable_host,
    "link_to": link_to,
    "svg": lambda chart: Markup(chart.svg),  # noqa: S704 - Vega escapes its output, which the tests check
}
