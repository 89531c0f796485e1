"""The errors that backlinkbot raises: each says what was wrong and what the right form is.

::

    BacklinkbotError
    ├── OutputError             a file of ours that cannot be written, or read again
    └── UsageError              the command, a spider argument or an input file must be changed
        ├── TargetError         a target that names nothing
        ├── SeedError           a seed that is no URL and no domain
        ├── CandidateFileError  a candidate list that cannot be read
        ├── HistoryError        a history that cannot be opened
        └── SettingError        a setting or option outside its range

The web's mistakes are never exceptions: they are data, in a page's ``failure``.
"""


class BacklinkbotError(Exception):
    """The base class of all errors that backlinkbot raises on purpose."""


class OutputError(BacklinkbotError):
    """An output file that cannot be written as asked, or a file of rows that cannot be read; exit status 1."""


class UsageError(BacklinkbotError):
    """The user asked for something that cannot be done as written; exit status 2."""


class TargetError(UsageError):
    """A target that is invalid or too broad."""


class SeedError(UsageError):
    """A seed that is neither an http(s) URL nor a domain."""


class CandidateFileError(UsageError):
    """A candidate list that does not exist, or in which no column holds URLs."""


class HistoryError(UsageError):
    """A history that is not there, is none, is of a newer version, or whose database does not answer."""


class SettingError(UsageError):
    """A setting, spider argument or option whose value is outside its range."""
