"""The options for politeness: the pace of requests, robots.txt, and how the crawler identifies itself."""

from __future__ import annotations

from typing import Final

from backlinkbot.option_table.option import ALL_SPIDERS, Option, OptionGroup
from backlinkbot.option_table.values import seconds, whole_number, yes_or_no

POLITENESS: Final = (
    Option(
        name="contact",
        group=OptionGroup.POLITENESS,
        default="",
        read=str,
        metavar="URL",
        help="where the owner of a visited site can reach you; joins the user agent",
        meaning="URL or address in the user agent, for the owners of the sites visited",
        spiders=ALL_SPIDERS,
        common_in=ALL_SPIDERS,
    ),
    Option(
        name="headers",
        group=OptionGroup.POLITENESS,
        default=(),
        read=str,
        metavar="HEADER",
        help="for a site of your own: a header that this site alone receives, 'HOST: NAME: VALUE'; env:NAME in its value is that variable's",
        meaning="[headers for sites of your own](configuration.md#passwords-for-sites-of-your-own), `HOST: NAME: VALUE`; in an environment variable and a spider argument one a line",
        spiders=ALL_SPIDERS,
        is_list=True,
        is_lines=True,
        is_secret=True,
    ),
    Option(
        name="allow_private",
        group=OptionGroup.POLITENESS,
        default=False,
        read=yes_or_no,
        metavar="yes|no",
        help="fetch private, loopback and link-local addresses too",
        meaning="whether private, loopback and link-local addresses may be fetched",
        spiders=ALL_SPIDERS,
        is_flag=True,
    ),
    Option(
        name="crawl_delay_max",
        group=OptionGroup.POLITENESS,
        default=30.0,
        read=seconds,
        metavar="SECONDS",
        meaning="seconds; the most that a `Crawl-delay` in robots.txt is obeyed",
        spiders=ALL_SPIDERS,
        has_flag=False,
    ),
    Option(
        name="wait_max",
        group=OptionGroup.POLITENESS,
        default=600.0,
        read=seconds,
        metavar="SECONDS",
        meaning="seconds that one domain is waited for in one run, all together, where it [asks for patience](usage.md#politeness) (429, 503); 0: pages are taken at their first answer",
        spiders=ALL_SPIDERS,
        has_flag=False,
    ),
    Option(
        name="delay",
        setting="DOWNLOAD_DELAY",
        group=OptionGroup.POLITENESS,
        default=1.0,
        read=seconds,
        metavar="SECONDS",
        help="between requests to one registrable domain",
        meaning="seconds between requests to one registrable domain",
        spiders=ALL_SPIDERS,
    ),
    Option(
        name="concurrency",
        setting="CONCURRENT_REQUESTS",
        group=OptionGroup.POLITENESS,
        default=100,
        read=whole_number,
        metavar="N",
        help="requests under way at once, over all domains",
        meaning="requests under way at once, over all domains; 0: no bound",
        spiders=ALL_SPIDERS,
    ),
)
