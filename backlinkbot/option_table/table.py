"""The table of all options."""

from __future__ import annotations

from typing import Final

from backlinkbot.option_table.alerts import ALERTS
from backlinkbot.option_table.extent import EXTENT
from backlinkbot.option_table.files import FILES
from backlinkbot.option_table.politeness import POLITENESS
from backlinkbot.option_table.rendering import RENDERING
from backlinkbot.option_table.reported import REPORTED
from backlinkbot.option_table.sought import SOUGHT

TABLE: Final = (*SOUGHT, *EXTENT, *REPORTED, *POLITENESS, *RENDERING, *FILES, *ALERTS)
"""Every option, in the order of ``docs/settings.md``."""

OPTIONS: Final = tuple(option for option in TABLE if option.has_flag)
"""Those that are flags and spider arguments."""
