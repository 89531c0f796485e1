"""Reads a run's options from spider arguments and settings, and what follows from them.

A flag or spider argument wins over a setting, a setting over an environment variable, that over the configuration file;
``option_table`` describes each option.
"""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from platformdirs import user_cache_dir
from scrapy.settings import SETTINGS_PRIORITIES

from backlinkbot import __version__
from backlinkbot.configuration import Configuration
from backlinkbot.configuration.site_headers import SiteHeaders
from backlinkbot.errors import SettingError, UsageError
from backlinkbot.extract.link import MENTION
from backlinkbot.extract.link_bound import MOST_OF_PAGE, MOST_OF_TARGET
from backlinkbot.extract.other_links.brands import Brands
from backlinkbot.extract.unwrap.shorteners import Redirectors
from backlinkbot.files.inputs import text_of
from backlinkbot.history.observation import RESOLVED, kind_of_brand
from backlinkbot.option_table import OPTIONS, PREFIX, TABLE, Option, Render, is_given, items_of
from backlinkbot.targets import Targets
from backlinkbot.text.suggestions import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scrapy.settings import BaseSettings

PRODUCT: Final = f"backlinkbot/{__version__}"
ARGUMENT: Final = SETTINGS_PRIORITIES["cmdline"] + 1
"""The priority of spider arguments: above ``-s``, which Scrapy sets again when it takes over a crawler that is checked."""


def command_of(spider: object) -> str:
    """Returns the command whose options a spider or its base class has: ``discover``, ``verify`` or ``recheck``; empty if none."""
    command: str = getattr(spider, "backlinkbot_command", "")
    return command


def options_of(spider: str) -> tuple[Option, ...]:
    """The options that a spider knows."""
    return tuple(option for option in OPTIONS if spider in option.spiders)


def apply(settings: BaseSettings, spider: str, arguments: Mapping[str, Any]) -> None:
    """Turn a spider's arguments into settings.

    Raises:
        SettingError: no such argument, or a value outside its range.
    """
    known = {option.name: option for option in options_of(spider)}
    for name, value in arguments.items():
        option = known.get(name)
        if name == "_job":  # Scrapyd's, to every spider
            continue
        if option is None:
            meant = did_you_mean(name, known) or f"; it knows {', '.join(sorted(known))}"
            raise SettingError(f"{spider} has no argument {name!r}{meant}")
        settings.set(option.setting, _read(option, value), priority=ARGUMENT)
    _configure(settings, spider)
    for option in TABLE:
        given = settings[option.setting]
        if isinstance(given, str) and given:  # by -s, in a settings module, by the environment
            settings.set(option.setting, _read(option, given), priority=settings.getpriority(option.setting) or 0)
    Redirectors.parse(
        settings.getlist("BACKLINKBOT_REDIRECTORS")
    )  # so that a mistake is told before anything is fetched
    SiteHeaders.parse(settings.getlist("BACKLINKBOT_HEADERS"), os.environ)  # likewise
    _refuse_unknown_settings(settings)
    if settings["BACKLINKBOT_VISITS"] and not settings["BACKLINKBOT_HISTORY_URL"]:
        raise SettingError("--visits writes what the history records; it needs one (--history)")
    if settings["BACKLINKBOT_CHECKS"] and "checks" not in known:
        raise SettingError(f"{spider} answers for no candidate; --checks is verify's")


def _configure(settings: BaseSettings, spider: str) -> None:
    """Sets what the configuration file says and neither the user's settings nor the environment do.

    Raises:
        SettingError: the file is wrong.
    """
    configuration = Configuration.read(settings["BACKLINKBOT_CONFIG"], settings["BACKLINKBOT_PROFILE"])
    configured = configuration.options(spider)
    ours = _priority_of_ours(settings)
    if "aliases" in configured and not _is_default(settings, _BY_NAME["targets"], ours):
        del configured["aliases"]  # of the file's targets, which others replace
    for name, found in configured.items():
        if _is_default(settings, option := _BY_NAME[name], ours):
            settings.set(option.setting, found.value, priority=_above(ours))
    set_scrapys(settings, configuration)


def set_scrapys(settings: BaseSettings, configuration: Configuration) -> None:
    """Sets those of Scrapy's settings that the configuration file has and the user's own settings do not.

    Raises:
        SettingError: Scrapy has no such setting, and one of a similar name.
    """
    ours = _priority_of_ours(settings)
    for name, found in configuration.settings.items():
        if name not in settings and (meant := nearest(name, settings)):
            raise configuration.error(found, f"Scrapy has no setting {name}; did you mean {meant}?")
        if (settings.getpriority(name) or 0) <= ours:
            settings.set(name, found.value, priority=_above(ours))


_BY_NAME: Final = {option.name: option for option in TABLE}


def _above(ours: int) -> int:
    """Returns the priority of what the configuration file says: above that of our settings, which are set once more after it."""
    return max(ours, SETTINGS_PRIORITIES["addon"]) + 1


def _priority_of_ours(settings: BaseSettings) -> int:
    """Returns the priority with which our settings module was read: a project's, or the add-on's in a project of others."""
    return min(settings.getpriority(option.setting) or 0 for option in TABLE if option.setting.startswith(PREFIX))


def _is_default(settings: BaseSettings, option: Option, ours: int) -> bool:
    """True if neither the user nor the environment has set an option."""
    priority = settings.getpriority(option.setting) or 0
    if priority > ours or (priority == ours and settings[option.setting] not in (option.default, None)):
        return False
    return not is_given(option, os.environ)


def _refuse_unknown_settings(settings: BaseSettings) -> None:
    """Raises SettingError for a misspelt setting of ours, which would otherwise be ignored silently."""
    known = {option.setting for option in TABLE}
    for name in settings:
        if name.startswith(PREFIX) and name not in known:
            meant = did_you_mean(name, (other for other in known if other.startswith(PREFIX)))
            raise SettingError(f"there is no setting {name}{meant}")


def _read(option: Option, value: Any) -> Any:
    if option.is_list:
        split = partial(items_of, option) if option.has_phrases or option.is_lines else split_list
        return [option.read(item) for item in (split(value) if isinstance(value, str) else value)]
    try:
        return option.read(str(value))
    except ValueError:
        expected = " or ".join(option.choices) if option.choices else option.metavar
        help_ = f" ({option.help_text})" if option.help else ""
        raise SettingError(f"{option.given(value)}: {expected} is expected{help_}") from None


_BEFORE_NEXT: Final = re.compile(r"\s+|,(?=[A-Za-z][A-Za-z0-9+.-]*:|@)")


def split_list(text: str) -> list[str]:
    """Items separated by white space or commas; a comma inside a URL's path is part of the URL."""
    pieces = (piece for piece in _BEFORE_NEXT.split(text.strip()) if piece)
    items = (item for piece in pieces for item in ([piece] if "/" in piece else piece.split(",")))
    return [item for item in map(str.strip, items) if item]


def listed(items: Iterable[str]) -> list[str]:
    """The items, each ``@FILE`` replaced by the file's lines; blank lines and ``#`` comments are passed over.

    Raises:
        UsageError: a file cannot be read.
    """
    return [line for item in items for line in (_lines(item[1:]) if item.startswith("@") else [item])]


def _lines(name: str) -> list[str]:
    try:
        text = text_of(name)
    except OSError as error:
        raise UsageError(f"@{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"@{name}: not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from error
    lines = (line.split(" #")[0].strip() for line in text.splitlines())
    said = [line for line in lines if line and not line.startswith("#")]
    if not said:
        raise UsageError(f"@{name}: the file holds nothing but blank lines and comments; write one a line")
    return said


def named_targets(lines: Iterable[str], pairs: Iterable[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Returns the names of targets, and the aliases of each, from what the user wrote.

    Args:
        lines: names, each with its aliases behind it; ``@FILE`` for the lines of a file.
        pairs: ``ALIAS=TARGET``.

    Raises:
        UsageError: a file cannot be read, or an alias is of no target.
    """
    aliases: dict[str, list[str]] = {}
    names = []
    for line in listed(lines):
        name, *others = line.split()
        names.append(name)
        aliases.setdefault(name, []).extend(others)
    for pair in pairs:
        meant = next((name for name in names if pair.endswith(f"={name}")), None)
        if meant is None:
            known = ", ".join(names[:5])
            raise SettingError(f"alias {pair!r}: write ALIAS=TARGET, where TARGET is one of {known}")
        aliases.setdefault(meant, []).append(pair.removesuffix(f"={meant}"))
    return names, aliases


# setting -> the kind of links that a run looks for with it, and others do not.
_EXTRAS: Final = {"BACKLINKBOT_MENTIONS": MENTION, "BACKLINKBOT_RESOLVE": RESOLVED}


def extras_of(settings: BaseSettings) -> tuple[str, ...]:
    """The kinds of links that this run looks for, and not every one does."""
    brands = {kind_of_brand(brand.name) for brand in brands_of(settings).all}
    return (*(kind for setting, kind in _EXTRAS.items() if settings.getbool(setting)), *sorted(brands))


def brands_of(settings: BaseSettings) -> Brands:
    """Returns the brands that the user names.

    Raises:
        UsageError: one of them is no name, or is of no target.
    """
    named = settings["BACKLINKBOT_BRANDS"]
    return Brands.parse(named, Targets.parse(*_targets_of(settings))) if named else Brands(())


def _targets_of(settings: BaseSettings) -> tuple[list[str], dict[str, list[str]]]:
    return named_targets(settings.getlist("BACKLINKBOT_TARGETS"), settings.getlist("BACKLINKBOT_ALIASES"))


def link_bounds(settings: BaseSettings) -> tuple[int, int]:
    """Returns the maximum number of links of one page that are read: to one target, and to all; 0: no bound.

    Raises:
        SettingError: one of them is no such number.
    """
    per_target, per_page = map(partial(_count, settings), _LINK_BOUNDS)
    return per_target, per_page


_LINK_BOUNDS: Final = ("BACKLINKBOT_MAX_LINKS_PER_TARGET", "BACKLINKBOT_MAX_LINKS_PER_PAGE")


def _count(settings: BaseSettings, name: str) -> int:
    try:
        count = settings.getint(name)
    except (ValueError, TypeError):
        count = -1
    if count < 0:
        raise SettingError(f"{name}={settings[name]}: a whole number is expected; 0 is no bound")
    return count


def cache_folder(settings: BaseSettings) -> Path | None:
    """Where is kept what takes long to make or to get; None where nothing is to be kept."""
    return cache_folder_of(settings["BACKLINKBOT_CACHE_DIR"])


def cache_folder_of(chosen: str | None) -> Path | None:
    """As :func:`cache_folder`, from the setting's value: None for the user's own folder, empty for none."""
    folder = user_cache_dir("backlinkbot", appauthor=False) if chosen is None else chosen
    return Path(folder) if folder else None


def ways_of_looking(settings: BaseSettings) -> tuple[str, ...]:
    """By what else than its bytes a page shows more in this run than in others; known once Scrapy has updated the settings."""
    is_rendering = settings["BACKLINKBOT_RENDER"] not in {"", Render.NEVER}
    bounds = link_bounds(settings)
    is_otherwise_bound = bounds != (MOST_OF_TARGET, MOST_OF_PAGE)
    return (
        *extras_of(settings),
        *(("rendered",) if is_rendering else ()),
        *((f"links bounded by {bounds}",) if is_otherwise_bound else ()),
    )
