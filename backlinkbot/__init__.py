"""Find, check and watch the pages that link to a domain.

One call starts a run, or asks the history, and returns rows: :func:`discover`, :func:`verify`, :func:`recheck`, :func:`changes`,
:func:`gap`; ``aio`` has the crawls as async generators. The other names are the core's: strings and bytes in, values out.
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
    "CrawlRows",
    "Link",
    "Page",
    "Rows",
    "Scope",
    "Target",
    "Targets",
    "__version__",
    "aio",
    "changes",
    "discover",
    "errors",
    "extract_links",
    "gap",
    "judge",
    "recheck",
    "verify",
]

_MODULES: Final = {
    "Addon": "backlinkbot.addon",
    "Backlink": "backlinkbot.items",
    "Candidate": "backlinkbot.items",
    "CrawlRows": "backlinkbot.api",
    "Link": "backlinkbot.items",
    "Page": "backlinkbot.items",
    "Rows": "backlinkbot.api",
    "Scope": "backlinkbot.targets",
    "Target": "backlinkbot.targets",
    "Targets": "backlinkbot.targets",
    "aio": "backlinkbot.api",
    "changes": "backlinkbot.api",
    "discover": "backlinkbot.api",
    "extract_links": "backlinkbot.extract.page",
    "gap": "backlinkbot.api",
    "judge": "backlinkbot.extract.robots_directives",
    "recheck": "backlinkbot.api",
    "verify": "backlinkbot.api",
}
"""Public name -> its module. ``__init__.pyi`` tells type checkers the same, without an import of Scrapy by the core."""


def __getattr__(name: str) -> Any:
    """Imports a public name when it is asked for: the core needs no Scrapy, and a command not the whole core."""
    if name == "errors":
        return import_module("backlinkbot.errors")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
