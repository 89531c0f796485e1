"""Find, check and watch the pages that link to a domain.

The public names are the core's: strings and bytes in, values out. The crawl itself is started by the
``backlinkbot`` command or by ``scrapy crawl``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from backlinkbot.extract.page import extract_links
from backlinkbot.extract.robots_directives import judge
from backlinkbot.items import Backlink, Candidate, Link, Page
from backlinkbot.targets import Scope, Target, Targets

__version__ = "0.1.0"

__all__ = [
    "Addon",
    "Backlink",
    "Candidate",
    "Link",
    "Page",
    "Scope",
    "Target",
    "Targets",
    "__version__",
    "extract_links",
    "judge",
]


def __getattr__(name: str) -> Any:
    """The Scrapy add-on, imported when it is asked for: the core needs no Scrapy."""
    if name != "Addon":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("backlinkbot.addon").Addon
