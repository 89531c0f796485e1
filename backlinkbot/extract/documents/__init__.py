"""Parses documents that list pages: sitemaps, feeds, responses of search APIs.

The documents are untrusted: an unreadable one gives None, a truncated one what stands before its end, and
no entity or reference opens a file or a connection.
"""

from backlinkbot.extract.documents.captures import Captures, read_captures
from backlinkbot.extract.documents.feeds import FeedItem, read_feed
from backlinkbot.extract.documents.sitemaps import SitemapEntry, read_sitemap
from backlinkbot.extract.documents.values import json_value, objects_at, text_at
from backlinkbot.extract.documents.wikis import LinkUse, LinkUses, read_link_uses
from backlinkbot.extract.documents.wordpress import read_search

__all__ = [
    "Captures",
    "FeedItem",
    "LinkUse",
    "LinkUses",
    "SitemapEntry",
    "json_value",
    "objects_at",
    "read_captures",
    "read_feed",
    "read_link_uses",
    "read_search",
    "read_sitemap",
    "text_at",
]
