"""The options of a run, each with its command-line flag, spider argument and setting.

``--max-pages 50`` of the command, ``-a max_pages=50`` of ``scrapy crawl`` and ``-s BACKLINKBOT_MAX_PAGES=50`` are the
same thing; an argument wins over a setting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from platformdirs import user_cache_dir

from backlinkbot import __version__
from backlinkbot.errors import SettingError, UsageError
from backlinkbot.extract.link_bound import MOST_OF_PAGE, MOST_OF_TARGET
from backlinkbot.extract.unwrap.shorteners import Redirectors
from backlinkbot.files.inputs import text_of
from backlinkbot.history.observation import MENTION, RESOLVED
from backlinkbot.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scrapy.settings import BaseSettings

PRODUCT: Final = f"backlinkbot/{__version__}"


class Follow(StrEnum):
    """Which links discover follows."""

    SAME_DOMAIN = "same-domain"
    """Those to the registrable domain of any seed."""
    SAME_HOST = "same-host"
    """Those to the host of any seed."""
    ALL = "all"
    """All, up to ``max_hops`` changes of registrable domain."""


class CrawlOrder(StrEnum):
    """Which page discover visits next."""

    BEST_FIRST = "best-first"
    """The one that should be worth most, by what the pages before it have shown; domains have fair turns beside."""
    BREADTH_FIRST = "breadth-first"
    """The one that lies nearest to a seed; domains in turn."""


class Overlap(StrEnum):
    """What a run does where the same run, begun earlier, is still at work on its history."""

    WAIT = "wait"
    """Until that one has ended."""
    STAND_DOWN = "stand-down"
    """End at once, with an exit status of its own."""
    ALLOW = "allow"


class Render(StrEnum):
    """Which pages a browser renders."""

    NEVER = "never"
    AUTO = "auto"
    """Those that look script-built and show no target."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice."""

    name: str
    """With underscores, as a spider argument; the flag has dashes."""
    setting: str
    read: Callable[[str], Any]
    """From text to the setting's value; raises ValueError."""
    metavar: str
    help: str
    spiders: frozenset[str]
    is_list: bool = False
    """May be given several times; as one spider argument, separated by white space or commas."""
    is_flag: bool = False
    choices: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """As on the command line."""
        singular = {"seeds": "seed", "aliases": "alias", "sources": "source", "redirectors": "redirector"}.get(
            self.name, self.name
        )
        return f"--{singular.replace('_', '-')}"


def _whole_number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError
    return number


def _yes_or_no(text: str) -> bool:
    try:
        return {"1": True, "true": True, "yes": True, "": True, "0": False, "false": False, "no": False}[text.lower()]
    except KeyError:
        raise ValueError from None


def _follow(text: str) -> str:
    return Follow(text.lower()).value


_DISCOVER: Final = frozenset({"discover"})
_VERIFY: Final = frozenset({"verify"})
_RECHECK: Final = frozenset({"recheck"})
_BOTH: Final = _DISCOVER | _VERIFY
_ALL: Final = _BOTH | _RECHECK

OPTIONS: Final = (
    Option(
        name="targets",
        setting="BACKLINKBOT_TARGETS",
        read=str,
        metavar="TARGET",
        help="what links are looked for to: example.com (with subdomains), https://example.com/blog/ (prefix), "
        "exact:URL, prefix:URL, domain:HOST, subdomains:HOST, or @FILE with one a line, its aliases behind it",
        spiders=_ALL,
        is_list=True,
    ),
    Option(
        name="aliases",
        setting="BACKLINKBOT_ALIASES",
        read=str,
        metavar="ALIAS=TARGET",
        help="a place that counts as one of the targets: old-brand.example=example.com",
        spiders=_ALL,
        is_list=True,
    ),
    Option(
        name="seeds",
        setting="BACKLINKBOT_SEEDS",
        read=str,
        metavar="SEED",
        help="URL or domain to start from, or @FILE with one a line",
        spiders=_DISCOVER,
        is_list=True,
    ),
    Option(
        name="candidates",
        setting="BACKLINKBOT_CANDIDATES",
        read=str,
        metavar="FILE",
        help="pages believed to hold a backlink: a list, an export of another tool, a log (docs/importers.md)",
        spiders=_BOTH,
        is_list=True,
    ),
    Option(
        name="unvisited",
        setting="BACKLINKBOT_UNVISITED",
        read=_yes_or_no,
        metavar="yes|no",
        help="candidates too that `import --history` has read and no run has visited yet, the likeliest first",
        spiders=_BOTH,
        is_flag=True,
    ),
    Option(
        name="follow",
        setting="BACKLINKBOT_FOLLOW",
        read=_follow,
        metavar="WHERE",
        help="which links are followed: same-domain (default), same-host, all",
        spiders=_DISCOVER,
        choices=tuple(follow.value for follow in Follow),
    ),
    Option(
        name="order",
        setting="BACKLINKBOT_ORDER",
        read=lambda text: CrawlOrder(text.lower()).value,
        metavar="ORDER",
        help="which page comes next: best-first (default), learned from what pages have shown, or breadth-first",
        spiders=_DISCOVER,
        choices=tuple(order.value for order in CrawlOrder),
    ),
    Option(
        name="max_pages",
        setting="BACKLINKBOT_MAX_PAGES",
        read=_whole_number,
        metavar="N",
        help="pages visited in this crawl; 0: no bound (default 100000)",
        spiders=_DISCOVER,
    ),
    Option(
        name="max_pages_per_domain",
        setting="BACKLINKBOT_MAX_PAGES_PER_DOMAIN",
        read=_whole_number,
        metavar="N",
        help="pages visited of one registrable domain; 0: no bound (default 10000)",
        spiders=_DISCOVER,
    ),
    Option(
        name="max_depth",
        setting="BACKLINKBOT_MAX_DEPTH",
        read=_whole_number,
        metavar="N",
        help="links followed from a seed; 0: no bound (default)",
        spiders=_DISCOVER,
    ),
    Option(
        name="max_hops",
        setting="BACKLINKBOT_MAX_HOPS",
        read=_whole_number,
        metavar="N",
        help="with --follow all: changes of registrable domain on the way from a seed (default 1)",
        spiders=_DISCOVER,
    ),
    Option(
        name="sitemaps",
        setting="BACKLINKBOT_SITEMAPS",
        read=_yes_or_no,
        metavar="yes|no",
        help="read sitemaps (default yes)",
        spiders=_DISCOVER,
    ),
    Option(
        name="sources",
        setting="BACKLINKBOT_SOURCES",
        read=str,
        metavar="SOURCE",
        help="where pages are named besides: cdx (the Wayback Machine), wikipedia, wikipedia:LANGUAGE, mediawiki:URL of "
        "an api.php; or what to leave out: no-sitemaps, no-feeds, no-wordpress, no-mediawiki, no-guess, none",
        spiders=_DISCOVER,
        is_list=True,
    ),
    Option(
        name="budget",
        setting="BACKLINKBOT_BUDGET",
        read=_whole_number,
        metavar="N",
        help="pages visited again in this run, the most urgent first; 0: all that are due (default 1000)",
        spiders=_RECHECK,
    ),
    Option(
        name="include_same_domain",
        setting="BACKLINKBOT_INCLUDE_SAME_DOMAIN",
        read=_yes_or_no,
        metavar="yes|no",
        help="links from a target's own pages are rows too, with the flag same_domain",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="mentions",
        setting="BACKLINKBOT_MENTIONS",
        read=_yes_or_no,
        metavar="yes|no",
        help="addresses of a target that a page prints and does not link are rows too, of the type mention",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="resolve",
        setting="BACKLINKBOT_RESOLVE",
        read=_yes_or_no,
        metavar="yes|no",
        help="ask shorteners and redirectors where they lead, so that links through them are rows too",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="redirectors",
        setting="BACKLINKBOT_REDIRECTORS",
        read=str,
        metavar="HOST",
        help="with --resolve: one more host, perhaps with a path, whose addresses lead elsewhere (go.example/r/)",
        spiders=_ALL,
        is_list=True,
    ),
    Option(
        name="check_targets",
        setting="BACKLINKBOT_CHECK_TARGETS",
        read=_yes_or_no,
        metavar="yes|no",
        help="ask each linked address of a target once what it answers: is the link broken?",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="agent",
        setting="BACKLINKBOT_AGENT",
        read=lambda text: text.strip().lower(),
        metavar="NAME",
        help="the search engine whose robots rules decide follow and indexable (default googlebot)",
        spiders=_ALL,
    ),
    Option(
        name="contact",
        setting="BACKLINKBOT_CONTACT",
        read=str,
        metavar="URL",
        help="where the owner of a visited site can reach you; joins the user agent",
        spiders=_ALL,
    ),
    Option(
        name="delay",
        setting="DOWNLOAD_DELAY",
        read=_seconds,
        metavar="SECONDS",
        help="between requests to one registrable domain (default 1)",
        spiders=_ALL,
    ),
    Option(
        name="concurrency",
        setting="CONCURRENT_REQUESTS",
        read=_whole_number,
        metavar="N",
        help="requests under way at once, over all domains (default 100)",
        spiders=_ALL,
    ),
    Option(
        name="allow_private",
        setting="BACKLINKBOT_ALLOW_PRIVATE",
        read=_yes_or_no,
        metavar="yes|no",
        help="fetch private, loopback and link-local addresses too",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="render",
        setting="BACKLINKBOT_RENDER",
        read=lambda text: Render(text.lower()).value,
        metavar="WHEN",
        help="which pages a browser renders: never, auto (those that look script-built and show no target), always; "
        "default auto where the extra browser and a Chromium are there, else never",
        spiders=_ALL,
        choices=tuple(render.value for render in Render),
    ),
    Option(
        name="render_max_pages",
        setting="BACKLINKBOT_RENDER_MAX_PAGES",
        read=_whole_number,
        metavar="N",
        help="pages rendered in this run; 0: no bound (default 1000)",
        spiders=_ALL,
    ),
    Option(
        name="render_max_pages_per_domain",
        setting="BACKLINKBOT_RENDER_MAX_PAGES_PER_DOMAIN",
        read=_whole_number,
        metavar="N",
        help="pages rendered of one registrable domain; 0: no bound (default 100)",
        spiders=_ALL,
    ),
    Option(
        name="render_concurrency",
        setting="BACKLINKBOT_RENDER_CONCURRENCY",
        read=_whole_number,
        metavar="N",
        help="pages open in the browser at once (default 4)",
        spiders=_ALL,
    ),
    Option(
        name="browser",
        setting="BACKLINKBOT_BROWSER",
        read=str,
        metavar="PATH",
        help="the Chromium that renders (default the system's, else the one that Playwright has installed)",
        spiders=_ALL,
    ),
    Option(
        name="checks",
        setting="BACKLINKBOT_CHECKS",
        read=str,
        metavar="FILE",
        help="one row per candidate, whatever became of it: CSV, or JSONL by its ending",
        spiders=_VERIFY | _RECHECK,
    ),
    Option(
        name="history",
        setting="BACKLINKBOT_HISTORY_URL",
        read=str,
        metavar="URL",
        help="where visits are remembered: a file, or postgresql://USER@HOST/DATABASE; '' for nowhere "
        "(default BACKLINKBOT_HISTORY_URL, else backlinks.db)",
        spiders=_ALL,
    ),
    Option(
        name="fresh",
        setting="BACKLINKBOT_FRESH",
        read=_yes_or_no,
        metavar="yes|no",
        help="begin anew where the same command has left an unfinished crawl, which is resumed else",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="overlap",
        setting="BACKLINKBOT_OVERLAP",
        read=lambda text: Overlap(text.lower()).value,
        metavar="WHAT",
        help="what to do where the same run is still at work on this history: wait (default), stand-down, allow",
        spiders=_ALL,
        choices=tuple(overlap.value for overlap in Overlap),
    ),
    Option(
        name="visits",
        setting="BACKLINKBOT_VISITS",
        read=str,
        metavar="FILE",
        help="one line of JSON for each visit that the history records, for backlinkbot replay",
        spiders=_ALL,
    ),
    Option(
        name="summary",
        setting="BACKLINKBOT_SUMMARY",
        read=str,
        metavar="FILE",
        help="the run's figures as JSON",
        spiders=_ALL,
    ),
)


def command_of(spider: object) -> str:
    """Which command's options a spider has: ``discover``, ``verify`` or ``recheck``, of a subclass too; empty if not ours."""
    command: str = getattr(spider, "backlinkbot_command", "")
    return command


def options_of(spider: str) -> tuple[Option, ...]:
    """The choices that a spider knows."""
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
        settings.set(option.setting, _read(option, value), priority="cmdline")
    for option in known.values():
        given = settings[option.setting]
        if isinstance(given, str) and given:  # by -s, or in somebody's settings module
            settings.set(option.setting, _read(option, given), priority=settings.getpriority(option.setting) or 0)
    Redirectors.parse(
        settings.getlist("BACKLINKBOT_REDIRECTORS")
    )  # so that a mistake is told before anything is fetched
    _refuse_unknown_settings(settings)
    if settings["BACKLINKBOT_VISITS"] and not settings["BACKLINKBOT_HISTORY_URL"]:
        raise SettingError("--visits writes what the history records; it needs one (--history)")
    if settings["BACKLINKBOT_CHECKS"] and "checks" not in known:
        raise SettingError(f"{spider} answers for no candidate; --checks is verify's")


def _refuse_unknown_settings(settings: BaseSettings) -> None:
    """A misspelt setting of ours would change nothing, and say nothing."""
    known = set(vars(import_module("backlinkbot.settings")))
    for name in settings:
        if name.startswith(_OURS) and name not in known:
            meant = did_you_mean(name, (other for other in known if other.startswith(_OURS)))
            raise SettingError(f"there is no setting {name}{meant}")


def _read(option: Option, value: Any) -> Any:
    if option.is_list:
        return [option.read(item) for item in (split_list(value) if isinstance(value, str) else value)]
    try:
        return option.read(str(value))
    except ValueError:
        expected = " or ".join(option.choices) if option.choices else option.metavar
        raise SettingError(f"{option.flag} {value}: {expected} is expected ({option.help})") from None


_OURS: Final = "BACKLINKBOT_"
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


# setting -> the kind of links that a run looks for with it, and others do not.
_EXTRAS: Final = {"BACKLINKBOT_MENTIONS": MENTION, "BACKLINKBOT_RESOLVE": RESOLVED}


def extras_of(settings: BaseSettings) -> tuple[str, ...]:
    """The kinds of links that this run looks for, and not every one does."""
    return tuple(kind for setting, kind in _EXTRAS.items() if settings.getbool(setting))


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
    chosen: str | None = settings["BACKLINKBOT_CACHE_DIR"]
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
