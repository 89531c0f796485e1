"""The errors that backlinkbot raises; each message tells what was wrong and what is expected.

::

    BacklinkbotError
    ├── OutputError             a file of ours that cannot be written, or read again
    │   └── MissingColumnError  a file of rows that lacks a column which is read
    ├── RunError                a run called from Python that failed or was ended
    └── UsageError              the command, a spider argument or an input file must be changed
        ├── TargetError         a target that names nothing
        ├── SeedError           a seed that is no URL and no domain
        ├── CandidateFileError  a candidate list that cannot be read
        ├── HistoryError        a history that cannot be opened
        └── SettingError        a setting or option outside its range

The web's mistakes are never exceptions: they are data, in a page's ``failure``.
"""

from __future__ import annotations

from typing import Any


class BacklinkbotError(Exception):
    """The base class of all errors that backlinkbot raises on purpose."""


class OutputError(BacklinkbotError):
    """An output file that cannot be written as requested, or a file of rows that cannot be read; exit status 1."""


class MissingColumnError(OutputError, AttributeError):
    """A file of rows that lacks a column which is read; as an AttributeError it also ends :func:`getattr` with a default."""


class UsageError(BacklinkbotError):
    """A command, argument or input file that has to be changed by the user; exit status 2."""


class TargetError(UsageError):
    """A target that is invalid or too broad."""


class SeedError(UsageError):
    """A seed that is neither an http(s) URL nor a domain."""


class CandidateFileError(UsageError):
    """A candidate list that does not exist, or without a column of URLs."""


class HistoryError(UsageError):
    """A history that does not exist, is invalid, is of a newer version, or whose database cannot be reached."""


class SettingError(UsageError):
    """A setting, spider argument or option whose value is outside its range."""


class RunError(BacklinkbotError):
    """A run called from Python that failed, was ended from outside, or stood down; carries what it found until then."""

    def __init__(self, message: str, *, exit_status: int = 1, rows: Any = None) -> None:
        super().__init__(message)
        self.exit_status = exit_status
        """As of the command: docs/scheduling.md."""
        self.rows = rows
        """A :class:`~backlinkbot.api.CrawlRows` of what was found until then, with its checks and summary; None from ``aio``."""
