"""Draws charts of weeks and shares, as SVG that takes its colours from the page's style sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import vl_convert

from backlinkbot.reports.page.safe_text import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from backlinkbot.reports.breakdowns import Share
    from backlinkbot.reports.page.timeline import Week

WIDTH: Final = 340
"""Pixels: the width of a phone, so that letters keep their size; larger screens show charts side by side."""
_HEIGHT: Final = 170
_BAR: Final = 24
_LABEL: Final = 112
"""Pixels of the names of bars, unless one needs more."""
_LONGEST_LABEL: Final = 170
_ROOM: Final = 0.87
"""The part of that room which names may take by Vega's measure: fonts of browsers are wider."""
_LETTER: Final = 6.4
"""Pixels of a letter of a name, as far as can be told without its font."""
MOST_BARS: Final = 10
WEEKS_OF_CHANGE: Final = 52
_TICKS: Final = 4
_SHORTEST: Final = timedelta(weeks=8)
_DAYS_SHOWN: Final = timedelta(weeks=26)
"""The longest period whose axis shows days; longer ones show months."""

# Vega copies a colour that it does not know, so variables of the page's style sheet work: the same picture has a light
# and a dark version.
_CONFIG: Final = {
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "labelFontSize": 12,
        "labelPadding": 6,
        "gridColor": "var(--line)",
        "domain": False,
        "ticks": False,
        "title": None,
    },
    "text": {"fontSize": 12, "fill": "var(--ink)"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture, and its description for screen readers."""

    svg: str
    words: str


def over_time(weeks: Sequence[Week], field: str, noun: str) -> Chart | None:
    """Draws a number of ``Week`` over time; None if there are no weeks."""
    if not weeks:
        return None
    values = [{"day": _last_day(week), "number": getattr(week, field)} for week in weeks]
    encoding = {
        "x": _days(weeks[0].start + timedelta(days=6), weeks[-1].start + timedelta(days=6)),
        "y": _numbers(0, max(value["number"] for value in values)),
    }
    text = {"type": "text", "align": "right", "dx": 4, "dy": -12, "fontWeight": 600, "fill": "var(--ink)"}
    layers = [
        {"mark": {"type": "area", "color": "var(--accent)", "opacity": 0.14}, "encoding": encoding},
        {"mark": {"type": "line", "color": "var(--accent)", "strokeWidth": 2}, "encoding": encoding},
        {
            "data": {"values": values[-1:]},
            "mark": {"type": "point", "color": "var(--accent)", "filled": True, "opacity": 1, "size": 45},
            "encoding": encoding,
        },
        {
            "data": {"values": values[-1:]},
            "mark": text,
            "encoding": encoding | {"text": {"field": "number", "type": "quantitative", "format": ",d"}},
        },
    ]
    first, last = values[0], values[-1]
    return Chart(
        svg=_draw({"data": {"values": values}, "height": _HEIGHT, "layer": layers}),
        words=f"{noun}: {first['number']:,} on {first['day']}, {last['number']:,} on {last['day']}",
    )


def new_and_lost(weeks: Sequence[Week]) -> Chart | None:
    """Draws new and lost links by week, without the first week, in which everything is new, if there are others.

    None if there are no weeks.
    """
    shown = (weeks[1:] or weeks)[-WEEKS_OF_CHANGE:]
    if not shown:
        return None
    values = [
        {"day": week.start.isoformat(), "end": (week.start + timedelta(days=7)).isoformat(), "kind": kind, "number": n}
        for week in shown
        for kind, n in (("new", week.new), ("lost", -week.lost))
    ]
    numbers = _numbers(-max(week.lost for week in shown), max(week.new for week in shown))
    numbers["axis"]["labelExpr"] = "format(abs(datum.value), ',d')"
    encoding = {
        "x": _days(shown[0].start, shown[-1].start + timedelta(days=7)),
        "x2": {"field": "end"},
        "y": numbers,
        "y2": {"datum": 0},
        "color": {
            "field": "kind",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": ["new", "lost"], "range": ["var(--good)", "var(--bad)"]},
        },
    }
    mark = {"type": "bar", "stroke": "var(--card)", "strokeWidth": 1}
    new, lost = sum(week.new for week in shown), sum(week.lost for week in shown)
    return Chart(
        svg=_draw({"data": {"values": values}, "height": _HEIGHT, "mark": mark, "encoding": encoding}),
        words=f"{new:,} new and {lost:,} lost backlinks in {_weeks(len(shown))} from {shown[0].start.isoformat()}",
    )


def bars(
    shares: Sequence[Share],
    whole: int,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    noun: str,
    *,
    counts_domains: bool = False,
) -> Chart | None:
    """Draws the backlinks of each kind, or the referring domains, in the order of the kinds; None if there are none.

    ``names`` and ``colours`` are keyed by a share's name; a missing name is shown as it is.
    """
    if not shares:
        return None
    kinds = [
        (
            names.get(share.name) or _plain(share.name),
            share.domains if counts_domains else share.backlinks,
            colours.get(share.name, "accent"),
        )
        for share in shares
    ]
    if len(kinds) > MOST_BARS:
        rest = kinds[MOST_BARS - 1 :]
        kinds = [*kinds[: MOST_BARS - 1], (f"{len(rest)} others", sum(n for _, n, _ in rest), "muted")]
    # The row's number distinguishes kinds whose names are equal once they are cut.
    values = [
        {"row": row, "name": name, "number": n, "text": f"{n:,} · {n / whole:.0%}", "colour": f"var(--{colour})"}
        for row, (name, n, colour) in enumerate(kinds)
    ]
    label = min(max(_LABEL, 12 + round(_LETTER * max(len(name) for name, _, _ in kinds))), _LONGEST_LABEL)
    rows = {"field": "row", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.3, "paddingOuter": 0.15}}
    length = {
        "field": "number",
        "type": "quantitative",
        "axis": None,
        # from the end of the names to where the longest number still fits
        "scale": {"domain": [0, max(n for _, n, _ in kinds)], "range": [label + 8, WIDTH - 84], "nice": False},
    }
    layers = [
        {
            "mark": {"type": "bar"},
            "encoding": {"y": rows, "x": length, "color": {"field": "colour", "scale": None}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "baseline": "middle", "fill": "var(--muted)"},
            "encoding": {"y": rows, "x": length, "text": {"field": "text"}},
        },
        {
            "mark": {"type": "text", "align": "right", "baseline": "middle", "limit": round(label * _ROOM)},
            "encoding": {"y": rows, "x": {"value": label}, "text": {"field": "name"}},
        },
    ]
    return Chart(
        svg=_draw({"data": {"values": values}, "height": _BAR * len(values), "layer": layers}),
        words=f"{noun}: " + ", ".join(f"{name} {n:,}" for name, n, _ in kinds),
    )


def _plain(name: str) -> str:
    """Returns a name for a chart, in ASCII as all names from a crawl are.

    A file of rows may contain others, and vl-convert ends the process on some that XML does not allow.
    """
    return "".join(character if character.isascii() else "?" for character in cut(name, 30))


def _draw(spec: dict[str, Any]) -> str:
    frame = {"background": None, "width": WIDTH, "padding": 4, "autosize": {"type": "fit-x", "contains": "padding"}}
    return str(vl_convert.vegalite_to_svg({**frame, "config": _CONFIG, **spec}))


def _weeks(number: int) -> str:
    return "the week" if number == 1 else f"{number} weeks"


def _last_day(week: Week) -> str:
    return (week.start + timedelta(days=6)).isoformat()


def _days(first: date, last: date) -> dict[str, Any]:
    """Returns the axis of days, at least some weeks long: in UTC, whatever the machine's time zone."""
    first = min(first, last - _SHORTEST)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    is_long = last - first > _DAYS_SHOWN
    named = [day for day in every if (day.day == 1 if is_long else day.weekday() == 0)]
    axis = {
        "grid": False,
        "format": "%b %Y" if is_long else "%-d %b",
        "labelBound": 8,
        "values": [_milliseconds(day) for day in named[:: -(-len(named) // _TICKS)]],
    }
    scale = {"type": "utc", "nice": False, "domain": [_milliseconds(first), _milliseconds(last)]}
    return {"field": "day", "type": "temporal", "scale": scale, "axis": axis}


def _milliseconds(day: date) -> int:
    """Returns the time as Vega counts it."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def _numbers(least: int, most: int) -> dict[str, Any]:
    """Returns the axis of numbers: a few whole ones, with room for all values between them."""
    step = next(step for step in _steps() if (most - least) / step <= _TICKS)
    low, high = least // step * step, max(-(-most // step), 1) * step
    axis = {"format": ",d" if most < 10_000 else "~s", "values": list(range(low, high + step, step))}
    return {
        "field": "number",
        "type": "quantitative",
        "axis": axis,
        "scale": {"domain": [low, high], "nice": False},
    }


def _steps() -> Iterator[int]:
    """Yields 1, 2, 5, 10, 20, 50 and so on."""
    return (factor * 10**power for power in count() for factor in (1, 2, 5))
