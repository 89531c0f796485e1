"""The description of an option: its names, type, default, help and documentation, and the commands that have it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.option_table.values import seconds

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX: Final = "BACKLINKBOT_"
"""The prefix of our settings, and of each option's environment variable."""


class OptionGroup(StrEnum):
    """The groups of options; each value is a heading of ``docs/settings.md``."""

    INPUTS = "What is looked for"
    SCOPE = "How far it goes"
    REPORTED_LINKS = "What is reported"
    POLITENESS = "Politeness"
    RENDERING = "Rendering"
    FILES = "Files and history"
    ALERTS = "Alerts and metrics"


# The commands that have an option.
DISCOVER: Final = frozenset({"discover"})
VERIFY: Final = frozenset({"verify"})
RECHECK: Final = frozenset({"recheck"})
DISCOVER_AND_VERIFY: Final = DISCOVER | VERIFY
ALL_SPIDERS: Final = DISCOVER_AND_VERIFY | RECHECK
MINE: Final = frozenset({"mine"})
DOMAINS: Final = frozenset({"domains"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a run."""

    name: str
    """With underscores, as a spider argument; flag, setting and environment variable derive from it."""
    group: OptionGroup
    default: Any
    read: Callable[[str], Any]
    """Converts text to the setting's value, an item of it if ``is_list``; raises ValueError."""
    metavar: str
    meaning: str
    """The meaning in ``docs/settings.md``, Markdown."""
    spiders: frozenset[str]
    help: str = ""
    """The help of its flag, without the default."""
    setting: str = ""
    """The setting; ``BACKLINKBOT_`` and the name in upper case, unless given."""
    is_list: bool = False
    """May be given several times; as one spider argument, separated by white space or commas."""
    has_phrases: bool = False
    """True if its items may have spaces in them; as one text they are separated by semicolons."""
    is_lines: bool = False
    """True if the items of its list hold white space: as one text they are one a line."""
    is_flag: bool = False
    """True if its flag takes no value."""
    choices: tuple[str, ...] = ()
    is_secret: bool = False
    """True if its value is masked where it is shown."""
    has_flag: bool = True
    """True if it is a flag and a spider argument; otherwise it is a setting only."""
    common_in: frozenset[str] = frozenset()
    """The commands whose ``--help`` shows its flag; elsewhere only ``--help-all`` does."""

    def __post_init__(self) -> None:
        if not self.setting:
            object.__setattr__(self, "setting", f"{PREFIX}{self.name.upper()}")

    @property
    def flag(self) -> str:
        """The flag on the command line: ``--max-pages``."""
        return f"--{_SINGULAR.get(self.name, self.name).replace('_', '-')}"

    @property
    def variable(self) -> str:
        """The environment variable: the setting's name, unless that is one of Scrapy's."""
        return self.setting if self.setting.startswith(PREFIX) else f"{PREFIX}{self.name.upper()}"

    @property
    def help_text(self) -> str:
        """The help of its flag, with the default if it has one."""
        if self.default in ((), "", None, False):
            return self.help
        said = "yes" if self.default is True else f"{self.default:g}" if self.read is seconds else self.default
        return f"{self.help} (default {said})"

    @property
    def may_be_empty(self) -> bool:
        """True if an empty text is a value of its own, as where a file is named."""
        return self.read is str and not self.is_list

    def given(self, value: Any) -> str:
        """How the user wrote a value that is refused: ``--max-pages x``."""
        return f"{self.flag} {value}" if self.has_flag else f"{self.setting}={value}"


_SINGULAR: Final = {
    "brands": "mention",
    "seeds": "seed",
    "aliases": "alias",
    "sources": "source",
    "redirectors": "redirector",
    "archives": "archive",
    "graphs": "graph",
    "headers": "header",
}
