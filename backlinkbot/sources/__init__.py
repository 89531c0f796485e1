"""Where pages are named before anybody crawls: what a site says about itself, and what others know of it."""

from backlinkbot.sources.queries import Inquiry, Named, Site
from backlinkbot.sources.sources import Sources, Tally
from backlinkbot.sources.table import SOURCES, Choice, chosen, request_meta

__all__ = ["SOURCES", "Choice", "Inquiry", "Named", "Site", "Sources", "Tally", "chosen", "request_meta"]
