"""Where pages are named before anybody crawls: what a site says about itself, and what others know of it."""

from backlinkbot.sources.queries import Named, Query, Site
from backlinkbot.sources.sources import SourceCounts, Sources
from backlinkbot.sources.table import SOURCES, Choice, chosen, request_meta

__all__ = ["SOURCES", "Choice", "Named", "Query", "Site", "SourceCounts", "Sources", "chosen", "request_meta"]
