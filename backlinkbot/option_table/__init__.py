"""The options of a run, each described once: its names, type, default, help and documentation.

``--max-pages 50`` of the command, ``-a max_pages=50`` of ``scrapy crawl``, ``-s BACKLINKBOT_MAX_PAGES=50`` and the environment
variable ``BACKLINKBOT_MAX_PAGES`` all follow from the option's name, as does its row in ``docs/settings.md``.
"""

from backlinkbot.option_table.choices import CrawlOrder, Follow, LogFormat, Overlap, Render
from backlinkbot.option_table.option import PREFIX, Option, OptionGroup
from backlinkbot.option_table.reading import defaults, is_given, items_of, values_of
from backlinkbot.option_table.table import OPTIONS, TABLE
from backlinkbot.option_table.values import column_words, seconds, whole_number, yes_or_no

__all__ = [
    "OPTIONS",
    "PREFIX",
    "TABLE",
    "CrawlOrder",
    "Follow",
    "LogFormat",
    "Option",
    "OptionGroup",
    "Overlap",
    "Render",
    "column_words",
    "defaults",
    "is_given",
    "items_of",
    "seconds",
    "values_of",
    "whole_number",
    "yes_or_no",
]
