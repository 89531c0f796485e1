"""Find, check and watch the pages that link to a domain.

The public names are the core's: strings and bytes in, values out. The crawl itself is started by the
``backlinkbot`` command or by ``scrapy crawl``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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

_MODULES: Final = {
    "Addon": "backlinkbot.addon",
    "Backlink": "backlinkbot.items",
    "Candidate": "backlinkbot.items",
    "Link": "backlinkbot.items",
    "Page": "backlinkbot.items",
    "Scope": "backlinkbot.targets",
    "Target": "backlinkbot.targets",
    "Targets": "backlinkbot.targets",
    "extract_links": "backlinkbot.extract.page",
    "judge": "backlinkbot.extract.robots_directives",
}
"""Public name -> its module."""


def __getattr__(name: str) -> Any:
    """Imports a public name when it is asked for: the core needs no Scrapy, and a command not the whole core."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
