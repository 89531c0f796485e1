"""Sources that name pages before they are crawled: a site's own indexes, and services that know it."""

from backlinkbot.sources.queries import Named, Query, Site
from backlinkbot.sources.sources import SourceCounts, Sources
from backlinkbot.sources.table import SOURCES, SourceChoice, addresses_in, chosen, keys_in, request_meta

__all__ = [
    "SOURCES",
    "Named",
    "Query",
    "Site",
    "SourceChoice",
    "SourceCounts",
    "Sources",
    "addresses_in",
    "chosen",
    "keys_in",
    "request_meta",
]
