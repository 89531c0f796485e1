"""The list of all import formats."""

from __future__ import annotations

from typing import Final

from backlinkbot.importers.formats.crawls import CRAWLS
from backlinkbot.importers.formats.generic import TABLE
from backlinkbot.importers.formats.structures import STRUCTURES
from backlinkbot.importers.formats.tools import TOOLS

FORMATS: Final = (*TOOLS, *CRAWLS, TABLE, *STRUCTURES)
BY_NAME: Final = {entry.name: entry for entry in FORMATS}
