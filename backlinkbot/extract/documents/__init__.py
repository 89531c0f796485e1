"""Documents that name pages: sitemaps, feeds and the answers of search endpoints; bytes in, entries out.

Whoever wrote them is a stranger: what cannot be read is None, what is broken off gives what stands before the break, and
neither an entity nor a reference in one opens a file or a connection.
"""

from backlinkbot.extract.documents.captures import Captures, read_captures
from backlinkbot.extract.documents.feeds import FeedItem, read_feed
from backlinkbot.extract.documents.sitemaps import SitemapEntry, read_sitemap
from backlinkbot.extract.documents.wikis import LinkUse, LinkUses, read_link_uses
from backlinkbot.extract.documents.wordpress import read_search

__all__ = [
    "Captures",
    "FeedItem",
    "LinkUse",
    "LinkUses",
    "SitemapEntry",
    "read_captures",
    "read_feed",
    "read_link_uses",
    "read_search",
    "read_sitemap",
]
