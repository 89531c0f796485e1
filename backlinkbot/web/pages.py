"""Writes the HTML of the pages; escapes untrusted text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from backlinkbot.reports.page.labels import ANSWERS, LINK_TYPES, PLACEMENTS, REASONS
from backlinkbot.reports.page.line_breaks import breakable
from backlinkbot.reports.page.safe_text import address_text, cut, link_to
from backlinkbot.urls import readable, readable_host
from backlinkbot.web.tables import LABELS, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING: Final = "\u2013"
_SHORT: Final = 80
"""Characters of a text in a table; its tooltip shows more."""
_TOOLTIP: Final = 1_000
_WHOLE_ADDRESS: Final = re.compile(r"https?://\S+$")
_VALUES: Final[Mapping[str, Mapping[Any, str]]] = {
    "placement": PLACEMENTS | {"": "not known"},
    "nofollow_by": {"": "nothing"},
    "link_type": LINK_TYPES,
    "reason": REASONS,
    "lost_reason": REASONS,
    "target_state": ANSWERS | {"ok": "the page", "redirected": "redirects to a page", "": "not asked"},
    "follow": {"true": "followed", "false": "nofollow", "": "no vote to pass"},
    "indexable": {"true": "indexable", "false": "noindex"},
    "is_lost": {"true": "yes", "false": "no"},
    "verdict": {"true": "true", "false": "false", "could_not_check": "could not check"},
}
"""Column -> the names of its values, where they differ from the values."""
_UNCHECKED: Final[Mapping[str, str]] = ANSWERS | {"not_html": "not HTML"}
"""Why a claim could not be checked -> its words; other reasons are words already."""
TAGS: Final = frozenset({"state", "kind", "verdict", "follow", "placement"})
"""Columns of one word or a few."""
ADDRESSES: Final = frozenset({"source_url", "target_url", "claimed_target"})
NUMBERS: Final = frozenset(
    {
        *("external_links", "links", "follow_links", "lost_links", "pages", "domains", "run", "id"),
        *("new", "lost", "restored", "changed"),
    }
)
TIMES: Final = frozenset({"first_seen", "last_seen", "at", "judged_at", "started_at", "finished_at"})


class Pages:
    """The templates."""

    def __init__(self) -> None:
        loader = PackageLoader("backlinkbot.web")
        self._environment = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.filters.update(_FILTERS)
        self._environment.globals.update(
            tables=TABLES, labels=LABELS, addresses=ADDRESSES, numbers=NUMBERS, times=TIMES, tags=TAGS
        )
        self.style = loader.get_source(self._environment, "style.css")[0]

    def render(self, name: str, **values: Any) -> str:
        """Returns the HTML of a template."""
        return self._environment.get_template(name).render(**values)


def value_name(text: Any, column: str) -> str:
    """Returns how a value of a column is shown; a dash for nothing."""
    plain = "" if text is None else str(text).lower() if isinstance(text, bool) else str(text)
    if column == "reasons":  # those of a claim, of which there may be several
        plain = ", ".join(_UNCHECKED.get(reason, reason) for reason in plain.split(", "))
    return _VALUES.get(column, {}).get(plain) or cut(plain, _SHORT) or _NOTHING


def _address(url: str) -> str:
    """Returns an address as text."""
    return address_text(url, _SHORT)


def _breaking_address(url: str) -> Markup:
    """Returns an address, escaped, that lines break behind its slashes and dots; for the content of elements, not for titles."""
    return breakable(_address(url))


def _breaking_path(path: str) -> Markup:
    """Returns a path, escaped and cut, that lines break behind its slashes and dots."""
    return breakable(cut(path, _SHORT))


def _tooltip(text: str) -> str:
    """Returns more of a text that the table cuts."""
    return cut(readable(text), _TOOLTIP) if len(text) > _SHORT else ""


_FILTERS: Final = {
    "number": lambda value: _NOTHING if value is None else f"{value:,}",
    "day": lambda text: text[:10] if text else _NOTHING,
    "moment": lambda text: f"{text[:10]} {text[11:16]} UTC" if text else _NOTHING,
    "address": _address,
    "breaking_address": _breaking_address,
    "breaking_path": _breaking_path,
    "breaking_value": lambda text: _breaking_address(text) if _WHOLE_ADDRESS.match(text) else breakable(text),
    "host": lambda host: cut(readable_host(host), _SHORT),
    "tooltip": _tooltip,
    "text": cut,
    "value": value_name,
    "link_to": link_to,
}
