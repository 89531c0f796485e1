"""The options of the browser that renders pages."""

from __future__ import annotations

from typing import Final

from backlinkbot.option_table.choices import Render
from backlinkbot.option_table.option import ALL_SPIDERS, Option, OptionGroup
from backlinkbot.option_table.values import one_of, seconds, values_in, whole_number

RENDERING: Final = (
    Option(
        name="render",
        group=OptionGroup.RENDERING,
        default="",
        read=one_of(Render),
        metavar="WHEN",
        help="which pages a browser renders: never, auto (those that look script-built and show no target), always; default auto where the extra browser and a Chromium are there, else never",
        meaning="which pages a browser renders: `never`, `auto`, `always`; not set, `auto` where the extra `browser` and a Chromium are there, else `never`",
        spiders=ALL_SPIDERS,
        choices=values_in(Render),
        common_in=ALL_SPIDERS,
    ),
    Option(
        name="render_max_pages",
        group=OptionGroup.RENDERING,
        default=1_000,
        read=whole_number,
        metavar="N",
        help="pages rendered in this run; 0: no bound",
        meaning="pages rendered in one run; 0: no bound",
        spiders=ALL_SPIDERS,
    ),
    Option(
        name="render_max_pages_per_domain",
        group=OptionGroup.RENDERING,
        default=100,
        read=whole_number,
        metavar="N",
        help="pages rendered of one registrable domain; 0: no bound",
        meaning="pages rendered of one registrable domain; 0: no bound",
        spiders=ALL_SPIDERS,
    ),
    Option(
        name="render_concurrency",
        group=OptionGroup.RENDERING,
        default=4,
        read=whole_number,
        metavar="N",
        help="pages open in the browser at once",
        meaning="pages open in the browser at once",
        spiders=ALL_SPIDERS,
    ),
    Option(
        name="render_deadline",
        group=OptionGroup.RENDERING,
        default=20.0,
        read=seconds,
        metavar="SECONDS",
        meaning="seconds for one page, once its document is there",
        spiders=ALL_SPIDERS,
        has_flag=False,
    ),
    Option(
        name="render_restart",
        group=OptionGroup.RENDERING,
        default=200,
        read=whole_number,
        metavar="N",
        meaning="pages after which the browser is started anew; 0: never",
        spiders=ALL_SPIDERS,
        has_flag=False,
    ),
    Option(
        name="browser",
        group=OptionGroup.RENDERING,
        default="",
        read=str,
        metavar="PATH",
        help="the Chromium that renders (default the system's, else the one that Playwright has installed)",
        meaning="the Chromium that renders; not set, the system's, else the one that Playwright has installed",
        spiders=ALL_SPIDERS,
    ),
    Option(
        name="browser_arguments",
        group=OptionGroup.RENDERING,
        default=(),
        read=str,
        metavar="ARGUMENT",
        meaning="more arguments of its command line: `--no-sandbox` in a container that allows no sandbox",
        spiders=ALL_SPIDERS,
        is_list=True,
        has_flag=False,
    ),
)
