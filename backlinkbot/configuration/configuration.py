"""The values of ``backlinkbot.toml`` for a command: the profile's before the file's, a command's table before the general part."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.configuration.toml_file import TomlFile
from backlinkbot.configuration.values import WrongTypeError, located, value_of
from backlinkbot.errors import SettingError
from backlinkbot.option_table import TABLE, Option
from backlinkbot.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE_NAME: Final = "backlinkbot.toml"
NONE: Final = "none"
"""The value of ``--config`` that ignores the file of the current folder."""
CRAWLS: Final = ("discover", "verify", "recheck")
COMMANDS: Final = (
    *CRAWLS,
    *("show", "changes", "runs", "replay", "prune", "todo", "report", "export", "disavow", "claims", "gap"),
    *("import", "mine", "domains", "sources", "web", "mcp", "config"),
)
"""The commands that may have a table."""
CRAWL_FLAGS: Final = ("output", "append", "verbose", "quiet")
"""The flags of crawls that are no options of the option table; ``--set`` is the table ``[settings]``."""
PROFILE, SETTINGS = "profile", "settings"
_OUTSIDE: Final = frozenset({"config", "profile"})
"""Options that choose the file, and do not stand in it."""
_OPTIONS: Final = {option.name: option for option in TABLE if option.name not in _OUTSIDE}
_NAMES: Final = {
    word: name
    for name, option in _OPTIONS.items()
    for word in (name, name.replace("_", "-"), option.flag.removeprefix("--"))
}
"""How a key may be written -> the name of the option."""
_BY_SETTING: Final = {option.setting: option for option in TABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A value of the file."""

    value: Any
    keys: tuple[str, ...]
    """Where it stands: the tables, and the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """The file without its profiles, or one profile."""

    options: dict[str, Configured] = field(default_factory=dict)
    commands: dict[str, dict[str, Configured]] = field(default_factory=dict)
    """Command -> option -> value."""
    flags: dict[str, dict[str, Configured]] = field(default_factory=dict)
    """Command -> flag of its own, with underscores -> value, as written."""
    settings: dict[str, Configured] = field(default_factory=dict)
    """Scrapy's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A read configuration; without a file, an empty one."""

    file: TomlFile | None = None
    profile: str = ""
    _sections: tuple[_Section, ...] = ()
    """The strongest last."""

    @classmethod
    def read(cls, name: str | None, profile: str | None) -> Configuration:
        """Reads the file.

        Args:
            name: the file; empty: ``backlinkbot.toml`` of the current folder, if it is there; ``none``: no file.
            profile: the profile whose values win over those of the rest of the file; empty: none.

        Raises:
            SettingError: the file cannot be read, a key or its value is wrong, or there is no such profile.
        """
        if name == NONE or (not name and not Path(FILE_NAME).is_file()):
            if profile:
                raise SettingError(f"--profile {profile}: there is no {FILE_NAME} here; name the file with --config")
            return cls()
        file = TomlFile.read(name or FILE_NAME)
        general, profiles = _sections_of(file)
        if profile and profile not in profiles:
            there = ", ".join(profiles) or "none"
            meant = did_you_mean(profile, profiles) or f"; its profiles are: {there}"
            raise SettingError(f"--profile {profile}: {file.name} has no table [profile.{profile}]{meant}")
        sections = (general, profiles[profile]) if profile else (general,)
        return cls(file=file, profile=profile or "", _sections=sections)

    def options(self, command: str = "") -> dict[str, Configured]:
        """Returns name -> value of the options that a command has; without a command, the general part's of all."""
        found: dict[str, Configured] = {}
        for section in self._sections:
            found |= {
                name: one for name, one in section.options.items() if not command or command in _OPTIONS[name].spiders
            }
            found |= section.commands.get(command, {})
        return found

    def flags(self, command: str) -> dict[str, Configured]:
        """Returns flag, with underscores -> value, as written, of a command's flags that are no options."""
        return {name: one for section in self._sections for name, one in section.flags.get(command, {}).items()}

    def all_flags(self) -> Iterator[tuple[str, str, Configured]]:
        """Yields command, flag and value of every table that is in use."""
        for section in self._sections:
            for command, flags in section.flags.items():
                for name, one in flags.items():
                    yield command, name, one

    @property
    def settings(self) -> dict[str, Configured]:
        """Scrapy's settings."""
        return {name: one for section in self._sections for name, one in section.settings.items()}

    def history(self) -> str:
        """Returns the general part's history; empty: it names none."""
        found = self.options().get("history")
        return str(found.value) if found is not None else ""

    def error(self, configured: Configured, message: str) -> SettingError:
        """Returns an error about a value of the file, with its line."""
        return _error(self.file, configured.keys, message) if self.file is not None else SettingError(message)

    def place_of(self, configured: Configured) -> str:
        """Returns the file and the line of a value."""
        return self.file.place_of(configured.keys) if self.file is not None else ""


def history_of(environment: Mapping[str, str]) -> str:
    """Returns the history of the environment, else of the configuration that it names, else the default.

    Raises:
        SettingError: the configuration is wrong.
    """
    option = _OPTIONS["history"]
    if named := environment.get(option.variable):
        return named
    return configuration_of(environment).history() or str(option.default)


def configuration_of(environment: Mapping[str, str]) -> Configuration:
    """Returns the configuration that the environment names, else that of the current folder.

    Raises:
        SettingError: it is wrong.
    """
    return Configuration.read(environment.get("BACKLINKBOT_CONFIG"), environment.get("BACKLINKBOT_PROFILE"))


def _error(file: TomlFile, keys: tuple[str, ...], message: str) -> SettingError:
    return SettingError(f"{file.place_of(keys)}: {message}")


def _sections_of(file: TomlFile) -> tuple[_Section, dict[str, _Section]]:
    """Returns the general part and the profiles of a file; raises SettingError."""
    content = dict(file.content)
    profiles = content.pop(PROFILE, {})
    if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
        raise _error(file, (PROFILE,), "a profile is a table: [profile.NAME]")
    general = _section(file, content, ())
    return general, {name: _section(file, table, (PROFILE, name)) for name, table in profiles.items()}


def _section(file: TomlFile, content: Mapping[str, Any], above: tuple[str, ...]) -> _Section:
    section = _Section()
    for key, value in content.items():
        keys = (*above, key)
        if key == SETTINGS and isinstance(value, dict):
            section.settings.update(_scrapy_settings(file, value, keys))
        elif key in COMMANDS and isinstance(value, dict):
            section.commands[key] = {}
            section.flags[key] = {}
            _read_command(file, key, value, keys, section)
        else:
            name = _NAMES.get(key)
            if name is None:
                raise _error(file, keys, f"there is no option {key}{_meant(key)}")
            _put(file, section.options, _OPTIONS[name], value, keys)
    return section


def _meant(key: str) -> str:
    known = [*(name.replace("_", "-") for name in _OPTIONS), *COMMANDS, PROFILE, SETTINGS]
    if key.replace("_", "-") in CRAWL_FLAGS:
        return "; it belongs to a command: write it into the table [discover], [verify] or [recheck]"
    if key in _OUTSIDE:
        return "; it chooses the file, and has no effect in it"
    return (
        did_you_mean(key, known) or "; docs/settings.md lists them. Options of one command stand in its table: [show]"
    )


def _meant_of(command: str, key: str, option: Option | None) -> str:
    if option is not None:
        return f"; it is one of {', '.join(sorted(option.spiders))}"
    known = [one.replace("_", "-") for one in _OPTIONS if command in _OPTIONS[one].spiders]
    return did_you_mean(key, [*known, *CRAWL_FLAGS])


def _read_command(
    file: TomlFile, command: str, content: Mapping[str, Any], above: tuple[str, ...], section: _Section
) -> None:
    """Reads the table of a command; flags that are no options are left as they are, to be checked by the command line."""
    for key, value in content.items():
        keys = (*above, key)
        name = _NAMES.get(key, "")
        option = _OPTIONS.get(name)
        if option is not None and command in option.spiders:
            _put(file, section.commands[command], option, value, keys)
            continue
        flag = key.replace("-", "_")
        if command in CRAWLS and flag not in CRAWL_FLAGS:
            raise _error(file, keys, f"{command} has no option {key}{_meant_of(command, key, option)}")
        if flag in section.flags[command]:
            raise _error(file, keys, f"{key} is given twice")
        section.flags[command][flag] = Configured(value=located(flag, value, file.folder), keys=keys)


def _put(file: TomlFile, found: dict[str, Configured], option: Option, value: Any, keys: tuple[str, ...]) -> None:
    if option.name in found:
        raise _error(file, keys, f"{keys[-1]} is given twice; the other is {found[option.name].keys[-1]}")
    try:
        converted = value_of(option, value)
    except WrongTypeError as error:
        help_ = f" ({option.help})" if option.help else ""
        raise _error(file, keys, f"{keys[-1]}: {error} is expected{help_}") from None
    found[option.name] = Configured(value=located(option.name, converted, file.folder), keys=keys)


def _scrapy_settings(
    file: TomlFile, content: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[str, Configured]]:
    for name, value in content.items():
        keys = (*above, name)
        if (option := _BY_SETTING.get(name)) is not None:
            raise _error(file, keys, f"write {option.name.replace('_', '-')} outside of [settings], which is Scrapy's")
        if not name.isupper():
            raise _error(file, keys, f"Scrapy's settings have names in capitals; {name} is none")
        yield name, Configured(value=value, keys=keys)
