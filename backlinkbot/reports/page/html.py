"""Writes the HTML report: one self-contained file.

It escapes untrusted text, loads nothing, and its security policy allows only its own script and its own style sheet.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from backlinkbot.reports.page import charts, labels
from backlinkbot.reports.page.safe_text import cut, link_to, readable, readable_host

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlinkbot.reports.page.charts import Chart
    from backlinkbot.reports.page.figures import Figures

_SHORT: Final = 90
"""Characters of an address in a table; its tooltip shows all of it."""
_TOOLTIP: Final = 1_000
_NAMED: Final = 5
"""The number of targets in the heading."""
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
        over_time=list(_over_time(figures)),
        breakdowns=list(_breakdowns(figures)),
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


_NEW_AND_LOST: Final = ("Backlinks in the first week", "Backlinks by week, without the first, in which all were new")


def _over_time(figures: Figures) -> Iterator[tuple[str, str, Chart]]:
    """Yields the title, note and picture of each chart that has data."""
    weeks = figures.weeks
    for title, note, chart in (
        ("Backlinks", "At the end of each week", charts.over_time(weeks, "backlinks", "Backlinks")),
        ("Referring domains", "At the end of each week", charts.over_time(weeks, "domains", "Referring domains")),
        ("New and lost", _NEW_AND_LOST[len(weeks) > 1], charts.new_and_lost(weeks)),
    ):
        if chart is not None:
            yield title, note, chart


# The heading and its explanation, the breakdown, the names of its bars and their colours.
_BREAKDOWNS: Final[tuple[tuple[str, str, str, dict[Any, str], dict[str, str]], ...]] = (
    ("Follow", "Links that pass a vote, and links that do not", "votes", labels.VOTES, labels.VOTE_COLOURS),
    ("Why not", "Rules that keep links from being followed or pages from the index", "rules", {}, {}),
    ("Anchor kinds", "The words of the links", "anchor_kinds", labels.KINDS, {}),
    ("Link types", "The markup of the links", "link_types", labels.LINK_TYPES, {}),
    ("Placements", "The part of the page that contains the links", "placements", labels.PLACEMENTS, {}),
    ("Languages", "The languages that the pages declare", "languages", labels.LANGUAGES, {}),
    ("Top-level domains", "The last labels of the referring domains", "tlds", {}, {}),
)


def _breakdowns(figures: Figures) -> Iterator[tuple[str, str, Chart]]:
    for title, note, name, names, colours in _BREAKDOWNS:
        chart = charts.bars(figures.breakdowns[name], figures.backlinks, names, colours, title)
        if chart is not None:
            yield title, note, chart


# --- filters ----------------------------------------------------------------------------------------------------------


def _number(value: float) -> str:
    return f"{value:,}"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "\u2013"


def _day(text: str) -> str:
    """Returns the day of a time; any other text is unchanged."""
    return text[:10] if _DAY.match(text) else cut(text, 20)


def _address(url: str) -> str:
    return cut(readable(url).removeprefix("https://"), _SHORT)


def _tooltip(text: str) -> str:
    """Returns more of a text that the table cuts."""
    return cut(readable(text), _TOOLTIP) if len(text) > _SHORT else ""


_FILTERS: Final = {
    "number": _number,
    "percent_of": _percent,
    "day": _day,
    "address": _address,
    "tooltip": _tooltip,
    "text": cut,
    "host": readable_host,
    "link_to": link_to,
    "svg": lambda chart: Markup(chart.svg),  # noqa: S704 - Vega escapes its output, which the tests check
}
