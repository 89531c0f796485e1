"""Ends a crawl that needs too much memory, by what this process itself has used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from scrapy.extensions import memusage

_STATUS: Final = Path("/proc/self/status")
_PEAK: Final = re.compile(r"^VmHWM:\s*(\d+) kB$", re.MULTILINE)


class MemoryUsage(memusage.MemoryUsage):
    """Scrapy's extension, with the peak of this process alone.

    Scrapy reads ``ru_maxrss`` of getrusage(2), which a process inherits from the one that started it: a crawl that a large notebook
    starts would end at once. ``VmHWM`` of proc_pid_status(5) begins anew with each program.
    """

    def get_virtual_size(self) -> int:
        """Returns the peak of resident memory in bytes; as Scrapy does where there is no ``/proc``."""
        return peak_of_this_process() or super().get_virtual_size()


def peak_of_this_process() -> int:
    """Returns the peak of resident memory in bytes; 0 where there is no ``/proc``."""
    try:
        peak = _PEAK.search(_STATUS.read_text())
    except OSError:
        return 0
    return int(peak[1]) * 1024 if peak else 0
