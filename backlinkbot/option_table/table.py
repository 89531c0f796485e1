"""The table of all options."""

from __future__ import annotations

from typing import Final

from backlinkbot.option_table.alerts import ALERTS
from backlinkbot.option_table.files import FILES
from backlinkbot.option_table.inputs import INPUTS
from backlinkbot.option_table.politeness import POLITENESS
from backlinkbot.option_table.rendering import RENDERING
from backlinkbot.option_table.reported_links import REPORTED_LINKS
from backlinkbot.option_table.scope import SCOPE

TABLE: Final = (*INPUTS, *SCOPE, *REPORTED_LINKS, *POLITENESS, *RENDERING, *FILES, *ALERTS)
"""Every option, in the order of ``docs/settings.md``."""

OPTIONS: Final = tuple(option for option in TABLE if option.has_flag)
"""The options that are flags and spider arguments."""
