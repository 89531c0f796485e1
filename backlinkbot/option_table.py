"""The options of a run, each described once: its names, type, default, help and documentation.

``--max-pages 50`` of the command, ``-a max_pages=50`` of ``scrapy crawl``, ``-s BACKLINKBOT_MAX_PAGES=50`` and the environment
variable ``BACKLINKBOT_MAX_PAGES`` all follow from the option's name, as does its row in ``docs/settings.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import UsageError
from backlinkbot.extract.link_bound import MOST_OF_PAGE, MOST_OF_TARGET
from backlinkbot.items.columns import FULL, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX: Final = "BACKLINKBOT_"
"""Of our settings, and of each option's environment variable."""


class Follow(StrEnum):
    """The values of ``--follow``: which links discover follows."""

    SAME_DOMAIN = "same-domain"
    """Those to the registrable domain of any seed."""
    SAME_HOST = "same-host"
    """Those to the host of any seed."""
    ALL = "all"
    """All, up to ``max_hops`` changes of registrable domain."""


class CrawlOrder(StrEnum):
    """The values of ``--order``: which page discover visits next."""

    BEST_FIRST = "best-first"
    """The one that should be worth most, by what the pages before it have shown; domains have fair turns beside."""
    BREADTH_FIRST = "breadth-first"
    """The one that lies nearest to a seed; domains in turn."""


class Overlap(StrEnum):
    """The values of ``--overlap``: what a run does while an earlier run of the same command uses its history."""

    WAIT = "wait"
    """Until that one has ended."""
    STAND_DOWN = "stand-down"
    """End at once, with an exit status of its own."""
    ALLOW = "allow"
    """Begin; each page is visited by both."""
    JOIN = "join"
    """Share the crawl with it, if it joins, too; on PostgreSQL."""


class Render(StrEnum):
    """The values of ``--render``: which pages a browser renders."""

    NEVER = "never"
    AUTO = "auto"
    """Those that look script-built and show no target."""
    ALWAYS = "always"


class LogFormat(StrEnum):
    """The values of ``--log-format``: how log records and messages are printed."""

    TEXT = "text"
    JSON = "json"
    """One object a line."""


class Group(StrEnum):
    """The groups of options; each value is a heading of ``docs/settings.md``."""

    SOUGHT = "What is looked for"
    EXTENT = "How far it goes"
    REPORTED = "What is reported"
    POLITENESS = "Politeness"
    RENDERING = "Rendering"
    FILES = "Files and history"
    ALERTS = "Alerts and metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a run."""

    name: str
    """With underscores, as a spider argument; flag, setting and environment variable derive from it."""
    group: Group
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
    """The commands whose ``--help`` shows its flag; that of others does with ``--help-all`` only."""

    def __post_init__(self) -> None:
        if not self.setting:
            object.__setattr__(self, "setting", f"{PREFIX}{self.name.upper()}")

    @property
    def flag(self) -> str:
        """As on the command line."""
        return f"--{_SINGULAR.get(self.name, self.name).replace('_', '-')}"

    @property
    def variable(self) -> str:
        """The environment variable: the setting's name, unless that is one of Scrapy's."""
        return self.setting if self.setting.startswith(PREFIX) else f"{PREFIX}{self.name.upper()}"

    @property
    def help_text(self) -> str:
        """The help of its flag, with the default where there is one to say."""
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


def whole_number(text: str) -> int:
    """Returns a number from 0; raises ValueError."""
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def seconds(text: str) -> float:
    """Returns a finite number from 0; raises ValueError."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError
    return number


def yes_or_no(text: str) -> bool:
    """Returns a truth value; raises ValueError."""
    try:
        return {"1": True, "true": True, "yes": True, "": True, "0": False, "false": False, "no": False}[text.lower()]
    except KeyError:
        raise ValueError from None


def column_words(text: str) -> str:
    """Returns the words of ``--columns``, separated by commas; raises ValueError if there is none."""
    try:
        return ",".join(words_of(text))
    except UsageError as error:
        raise ValueError(text) from error


def _one_of(kind: type[StrEnum]) -> Callable[[str], str]:
    return lambda text: kind(text.lower()).value


def _words(kind: type[StrEnum]) -> tuple[str, ...]:
    return tuple(one.value for one in kind)


_DISCOVER: Final = frozenset({"discover"})
_VERIFY: Final = frozenset({"verify"})
_RECHECK: Final = frozenset({"recheck"})
_BOTH: Final = _DISCOVER | _VERIFY
_ALL: Final = _BOTH | _RECHECK
_MINE: Final = frozenset({"mine"})
_DOMAINS: Final = frozenset({"domains"})

_KEYS: Final = {
    "bing_key": "of Bing Webmaster Tools",
    "yandex_token": "of Yandex Webmaster: an OAuth token",
    "github_token": "of GitHub: a personal access token, which needs no rights",
    "stackexchange_key": "of Stack Exchange, for more requests a day",
    "marginalia_key": "of Marginalia Search",
}
"""Keys of services, which are settings only: a flag would show them in the list of processes."""

TABLE: Final = (
    Option(
        name="targets",
        group=Group.SOUGHT,
        default=(),
        read=str,
        metavar="TARGET",
        help="the site or page whose backlinks are sought: example.com (with subdomains), https://example.com/blog/ (everything below it), exact:URL, prefix:URL, domain:HOST, subdomains:HOST, or @FILE: one target per line, followed by its aliases",
        meaning="[targets](usage.md#targets), or `@FILE`",
        spiders=_ALL | _MINE | _DOMAINS,
        is_list=True,
    ),
    Option(
        name="aliases",
        group=Group.SOUGHT,
        default=(),
        read=str,
        metavar="ALIAS=TARGET",
        help="a place that counts as one of the targets: old-brand.example=example.com",
        meaning="`ALIAS=TARGET`: names that mean the same as a target",
        spiders=_ALL | _MINE | _DOMAINS,
        is_list=True,
    ),
    Option(
        name="seeds",
        group=Group.SOUGHT,
        default=(),
        read=str,
        metavar="SEED",
        help="URL or domain to start from, or @FILE with one a line",
        meaning="[seeds](usage.md#seeds) of `discover`: URLs or domains, or `@FILE`",
        spiders=_DISCOVER,
        is_list=True,
        common_in=_DISCOVER,
    ),
    Option(
        name="candidates",
        group=Group.SOUGHT,
        default=(),
        read=str,
        metavar="FILE",
        help="pages believed to hold a backlink: a list, an export of another tool, a log (backlinkbot help importers), or the URL of one page",
        meaning="[files of candidates](usage.md#candidate-files), or URLs of pages",
        spiders=_BOTH,
        is_list=True,
        common_in=_BOTH,
    ),
    Option(
        name="archives",
        group=Group.SOUGHT,
        default=(),
        read=str,
        metavar="ARCHIVE",
        help="WARC, WACZ or WAT: a file, a folder, a list of paths (.paths, .paths.gz, .txt), http(s):// or s3://",
        meaning="[archives](mine.md#which-archives) that `mine` reads: files, folders, lists of paths, `http(s)://`, `s3://`",
        spiders=_MINE,
        is_list=True,
        common_in=_MINE,
    ),
    Option(
        name="graphs",
        group=Group.SOUGHT,
        default=(),
        read=str,
        metavar="GRAPH",
        help="web graph of Common Crawl: a folder, a file of it, a URL, or a release such as cc-main-2026-apr-may-jun (16 GB)",
        meaning="[web graphs](commoncrawl.md#which-graphs) of Common Crawl that `domains` and `discover` read: folders, files, URLs, releases",
        spiders=_DOMAINS | _DISCOVER,
        is_list=True,
        common_in=_DOMAINS,
    ),
    Option(
        name="graph_index",
        group=Group.SOUGHT,
        default="",
        read=str,
        metavar="FOLDER",
        help="folder for a local index of each graph: made in the first pass, answers further targets at once (20 GB a release)",
        meaning="the folder of [local indexes](commoncrawl.md#a-local-index) of web graphs, each made by the first run that reads its graph",
        spiders=_DOMAINS | _DISCOVER,
    ),
    Option(
        name="crawl",
        group=Group.SOUGHT,
        default="CC-MAIN-2026-30",
        read=str,
        metavar="CRAWL",
        help="crawl of Common Crawl whose archived pages are looked for",
        meaning="the [crawl](commoncrawl.md#archived-pages) of Common Crawl whose archived pages `discover` looks for",
        spiders=_DISCOVER,
    ),
    Option(
        name="archived_only",
        group=Group.SOUGHT,
        default=False,
        read=yes_or_no,
        metavar="yes|no",
        help="report the links of archived pages as of the day of their capture, and visit nothing",
        meaning="the links of archived pages are [reported as of the day of their capture](commoncrawl.md#without-visits), and nothing is visited",
        spiders=_DISCOVER,
        is_flag=True,
    ),
    Option(
        name="crawl_index",
        group=Group.SOUGHT,
        default="",
        read=str,
        metavar="INDEX",
        help="columnar index of the crawl: columnar, or a Parquet file, a folder or a list of them; else the index server is asked",
        meaning="the [columnar index](commoncrawl.md#the-columnar-index) that `discover` reads instead of asking the index server",
        spiders=_DISCOVER,
    ),
    Option(
        name="archive_requests",
        group=Group.SOUGHT,
        default=1_000,
        read=whole_number,
        metavar="N",
        help="requests to Common Crawl for archived pages; 0: none",
        meaning="requests of `discover` to Common Crawl for [archived pages](commoncrawl.md#archived-pages); 0: none",
        spiders=_DISCOVER,
    ),
    Option(
        name="archive_megabytes",
        group=Group.SOUGHT,
        default=1_000,
        read=whole_number,
        metavar="N",
        help="megabytes of archived pages and their index that are downloaded",
        meaning="megabytes that `discover` downloads of [archived pages](commoncrawl.md#archived-pages) and their index",
        spiders=_DISCOVER,
    ),
    Option(
        name="unvisited",
        group=Group.SOUGHT,
        default=False,
        read=yes_or_no,
        metavar="yes|no",
        help="candidates too that `import --history` has read and no run has visited yet, the likeliest first",
        meaning="candidates too that were [imported into the history](claims.md#what-was-imported) and never visited",
        spiders=_BOTH,
        is_flag=True,
        common_in=_VERIFY,
    ),
    Option(
        name="follow",
        group=Group.EXTENT,
        default="same-domain",
        read=_one_of(Follow),
        metavar="WHERE",
        help="which links are followed: same-domain, same-host, all",
        meaning="which links are followed: `same-domain`, `same-host` or `all` ([more](usage.md#what-is-followed))",
        spiders=_DISCOVER,
        choices=_words(Follow),
        common_in=_DISCOVER,
    ),
    Option(
        name="order",
        group=Group.EXTENT,
        default="best-first",
        read=_one_of(CrawlOrder),
        metavar="ORDER",
        help="which page comes next: best-first, learned from what pages have shown, or breadth-first",
        meaning="which page comes next: `best-first` or `breadth-first` ([more](usage.md#which-page-comes-next))",
        spiders=_DISCOVER,
        choices=_words(CrawlOrder),
    ),
    Option(
        name="max_pages",
        group=Group.EXTENT,
        default=100_000,
        read=whole_number,
        metavar="N",
        help="pages visited in this crawl; 0: no bound",
        meaning="pages visited in one [crawl](resume.md); 0: no bound",
        spiders=_DISCOVER,
        common_in=_DISCOVER,
    ),
    Option(
        name="max_time",
        setting="CLOSESPIDER_TIMEOUT",
        group=Group.EXTENT,
        default=0.0,
        read=seconds,
        metavar="SECONDS",
        help="seconds after which the run ends, and can be resumed; 0: no bound",
        meaning="seconds after which a run ends, to be [resumed](resume.md) by the same command; 0: no bound",
        spiders=_ALL,
        common_in=_ALL,
    ),
    Option(
        name="max_pages_per_domain",
        group=Group.EXTENT,
        default=10_000,
        read=whole_number,
        metavar="N",
        help="pages visited of one registrable domain; 0: no bound",
        meaning="pages visited of one registrable domain; 0: no bound",
        spiders=_DISCOVER,
    ),
    Option(
        name="max_waiting_per_domain",
        group=Group.EXTENT,
        default=200_000,
        read=whole_number,
        metavar="N",
        meaning="pages of one registrable domain that [wait](resume.md#what-it-costs) to be visited; 0: no bound",
        spiders=_DISCOVER,
        has_flag=False,
    ),
    Option(
        name="max_depth",
        group=Group.EXTENT,
        default=0,
        read=whole_number,
        metavar="N",
        help="links followed from a seed; 0: no bound",
        meaning="links followed from a seed; 0: no bound",
        spiders=_DISCOVER,
    ),
    Option(
        name="max_hops",
        group=Group.EXTENT,
        default=1,
        read=whole_number,
        metavar="N",
        help="with --follow all: changes of registrable domain on the way from a seed",
        meaning="with `all`, changes of registrable domain on the way from a seed",
        spiders=_DISCOVER,
    ),
    Option(
        name="sitemaps",
        group=Group.EXTENT,
        default=True,
        read=yes_or_no,
        metavar="yes|no",
        help="read sitemaps",
        meaning="whether sitemaps are read",
        spiders=_DISCOVER,
    ),
    Option(
        name="sources",
        group=Group.EXTENT,
        default=(),
        read=str,
        metavar="SOURCE",
        help="services to ask for pages that may link to a target: links (all of them, the default without seeds and candidates), one of `backlinkbot sources`, wikipedia:LANGUAGE, mediawiki:URL of an api.php, no-NAME to leave one out, none",
        meaning="[who is asked for pages](sources.md): `links`, a service, `wikipedia:de`, `mediawiki:URL`; or what is to be left out: `no-feeds`, `no-lemmy`, `none`",
        spiders=_DISCOVER,
        is_list=True,
        common_in=_DISCOVER,
    ),
    Option(
        name="source_addresses",
        group=Group.EXTENT,
        default=(),
        read=str,
        metavar="NAME=URL",
        meaning="`NAME=URL`: an address that replaces a [service's](sources.md#other-addresses), such as another instance or a test server's",
        spiders=_DISCOVER,
        is_list=True,
        has_flag=False,
    ),
    *(
        Option(
            name=name,
            group=Group.EXTENT,
            default="",
            read=str,
            metavar="KEY",
            meaning=f"the [key](sources.md#keys) {of}",
            spiders=_DISCOVER,
            has_flag=False,
            is_secret=True,
        )
        for name, of in _KEYS.items()
    ),
    Option(
        name="budget",
        group=Group.EXTENT,
        default=1_000,
        read=whole_number,
        metavar="N",
        help="pages visited again in this run, the most urgent first; 0: all that are due",
        meaning="pages that `recheck` visits in one run, [the most urgent first](recheck.md#what-is-due); 0: all that are due",
        spiders=_RECHECK,
        common_in=_RECHECK,
    ),
    Option(
        name="include_same_domain",
        group=Group.REPORTED,
        default=False,
        read=yes_or_no,
        metavar="yes|no",
        help="links from a target's own pages are rows too, with the flag same_domain",
        meaning="whether links from a target's own pages are rows too",
        spiders=_ALL | _MINE,
        is_flag=True,
    ),
    Option(
        name="mentions",
        group=Group.REPORTED,
        default=False,
        read=yes_or_no,
        metavar="yes|no",
        help="addresses of a target that a page prints and does not link are rows too, of the type mention",
        meaning="whether addresses of a target that a page prints and does not link are rows too ([mentions](links.md#mentions))",
        spiders=_ALL | _MINE,
        is_flag=True,
    ),
    Option(
        name="brands",
        group=Group.REPORTED,
        default=(),
        read=str,
        metavar="NAME",
        help="where a page's text names this brand, linked or not, is a row too, of the type mention; NAME=TARGET with several targets",
        meaning="names of [brands](links.md#brands) whose mentions are rows too, linked or not: `NAME`, or `NAME=TARGET` with several targets; in one text, separated by semicolons",
        spiders=_ALL | _MINE,
        is_list=True,
        has_phrases=True,
    ),
    Option(
        name="max_links_per_target",
        group=Group.REPORTED,
        default=MOST_OF_TARGET,
        read=whole_number,
        metavar="N",
        meaning="links of one page to one target that are rows, of whatever type; those beyond are one row for each type, with the flag [`more`](rows.md#flags); 0: all",
        spiders=_ALL | _MINE,
        has_flag=False,
    ),
    Option(
        name="max_links_per_page",
        group=Group.REPORTED,
        default=MOST_OF_PAGE,
        read=whole_number,
        metavar="N",
        meaning="the same for the links of one page to all targets together; each target has a row also beyond it; 0: all",
        spiders=_ALL | _MINE,
        has_flag=False,
    ),
    Option(
        name="columns",
        group=Group.REPORTED,
        default=FULL,
        read=column_words,
        metavar="NAMES",
        help="columns of the rows, in this order: essential, full, or names separated by commas",
        meaning="the [columns](rows.md#fewer-columns) of the rows, in this order: `essential`, `full`, or names; `fields` of a feed win",
        spiders=_ALL | _MINE,
    ),
    Option(
        name="resolve",
        group=Group.REPORTED,
        default=False,
        read=yes_or_no,
        metavar="yes|no",
        help="ask shorteners and redirectors where they lead, so that links through them are rows too",
        meaning="whether [shorteners and redirectors](links.md#shorteners-and-redirectors) are asked where they lead",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="redirectors",
        group=Group.REPORTED,
        default=(),
        read=str,
        metavar="HOST",
        help="with --resolve: one more host, perhaps with a path, whose addresses lead elsewhere (go.example/r/)",
        meaning="`HOST` or `HOST/PATH` whose addresses lead elsewhere, besides those that are known",
        spiders=_ALL,
        is_list=True,
    ),
    Option(
        name="check_targets",
        group=Group.REPORTED,
        default=False,
        read=yes_or_no,
        metavar="yes|no",
        help="ask each linked address of a target once what it answers: is the link broken?",
        meaning="whether each linked address of a target is asked [what it answers](links.md#what-stands-where-links-lead)",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="agent",
        group=Group.REPORTED,
        default="googlebot",
        read=lambda text: text.strip().lower(),
        metavar="NAME",
        help="the search engine whose robots rules decide follow and indexable",
        meaning="the search engine whose rules decide `follow` and `indexable`: the name in its robots meta tags, headers and robots.txt groups, in lower case",
        spiders=_ALL | _MINE,
    ),
    Option(
        name="contact",
        group=Group.POLITENESS,
        default="",
        read=str,
        metavar="URL",
        help="where the owner of a visited site can reach you; joins the user agent",
        meaning="URL or address in the user agent, for the owners of the sites visited",
        spiders=_ALL,
        common_in=_ALL,
    ),
    Option(
        name="headers",
        group=Group.POLITENESS,
        default=(),
        read=str,
        metavar="HEADER",
        help="for a site of your own: a header that this site alone receives, 'HOST: NAME: VALUE'; env:NAME in its value is that variable's",
        meaning="[headers for sites of your own](configuration.md#passwords-for-sites-of-your-own), `HOST: NAME: VALUE`; in an environment variable and a spider argument one a line",
        spiders=_ALL,
        is_list=True,
        is_lines=True,
        is_secret=True,
    ),
    Option(
        name="allow_private",
        group=Group.POLITENESS,
        default=False,
        read=yes_or_no,
        metavar="yes|no",
        help="fetch private, loopback and link-local addresses too",
        meaning="whether private, loopback and link-local addresses may be fetched",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="crawl_delay_max",
        group=Group.POLITENESS,
        default=30.0,
        read=seconds,
        metavar="SECONDS",
        meaning="seconds; the most that a `Crawl-delay` in robots.txt is obeyed",
        spiders=_ALL,
        has_flag=False,
    ),
    Option(
        name="wait_max",
        group=Group.POLITENESS,
        default=600.0,
        read=seconds,
        metavar="SECONDS",
        meaning="seconds that one domain is waited for in one run, all together, where it [asks for patience](usage.md#politeness) (429, 503); 0: pages are taken at their first answer",
        spiders=_ALL,
        has_flag=False,
    ),
    Option(
        name="delay",
        setting="DOWNLOAD_DELAY",
        group=Group.POLITENESS,
        default=1.0,
        read=seconds,
        metavar="SECONDS",
        help="between requests to one registrable domain",
        meaning="seconds between requests to one registrable domain",
        spiders=_ALL,
    ),
    Option(
        name="concurrency",
        setting="CONCURRENT_REQUESTS",
        group=Group.POLITENESS,
        default=100,
        read=whole_number,
        metavar="N",
        help="requests under way at once, over all domains",
        meaning="requests under way at once, over all domains; 0: no bound",
        spiders=_ALL,
    ),
    Option(
        name="render",
        group=Group.RENDERING,
        default="",
        read=_one_of(Render),
        metavar="WHEN",
        help="which pages a browser renders: never, auto (those that look script-built and show no target), always; default auto where the extra browser and a Chromium are there, else never",
        meaning="which pages a browser renders: `never`, `auto`, `always`; not set, `auto` where the extra `browser` and a Chromium are there, else `never`",
        spiders=_ALL,
        choices=_words(Render),
        common_in=_ALL,
    ),
    Option(
        name="render_max_pages",
        group=Group.RENDERING,
        default=1_000,
        read=whole_number,
        metavar="N",
        help="pages rendered in this run; 0: no bound",
        meaning="pages rendered in one run; 0: no bound",
        spiders=_ALL,
    ),
    Option(
        name="render_max_pages_per_domain",
        group=Group.RENDERING,
        default=100,
        read=whole_number,
        metavar="N",
        help="pages rendered of one registrable domain; 0: no bound",
        meaning="pages rendered of one registrable domain; 0: no bound",
        spiders=_ALL,
    ),
    Option(
        name="render_concurrency",
        group=Group.RENDERING,
        default=4,
        read=whole_number,
        metavar="N",
        help="pages open in the browser at once",
        meaning="pages open in the browser at once",
        spiders=_ALL,
    ),
    Option(
        name="render_deadline",
        group=Group.RENDERING,
        default=20.0,
        read=seconds,
        metavar="SECONDS",
        meaning="seconds for one page, once its document is there",
        spiders=_ALL,
        has_flag=False,
    ),
    Option(
        name="render_restart",
        group=Group.RENDERING,
        default=200,
        read=whole_number,
        metavar="N",
        meaning="pages after which the browser is started anew; 0: never",
        spiders=_ALL,
        has_flag=False,
    ),
    Option(
        name="browser",
        group=Group.RENDERING,
        default="",
        read=str,
        metavar="PATH",
        help="the Chromium that renders (default the system's, else the one that Playwright has installed)",
        meaning="the Chromium that renders; not set, the system's, else the one that Playwright has installed",
        spiders=_ALL,
    ),
    Option(
        name="browser_arguments",
        group=Group.RENDERING,
        default=(),
        read=str,
        metavar="ARGUMENT",
        meaning="more arguments of its command line: `--no-sandbox` in a container that allows no sandbox",
        spiders=_ALL,
        is_list=True,
        has_flag=False,
    ),
    Option(
        name="candidates_out",
        group=Group.FILES,
        default="",
        read=str,
        metavar="FILE",
        help="what links, as candidates for verify or discover: .jsonl or .csv",
        meaning="what `mine` and `domains` find, as [candidates](mine.md#what-comes-out) for `verify` and `discover`: `.jsonl` or `.csv`",
        spiders=_MINE | _DOMAINS,
        common_in=_MINE | _DOMAINS,
    ),
    Option(
        name="jobs",
        group=Group.FILES,
        default=0,
        read=whole_number,
        metavar="N",
        help="processes that read archives; 0: one for each processor",
        meaning="processes in which `mine` reads archives; 0: one for each processor",
        spiders=_MINE,
        common_in=_MINE,
    ),
    Option(
        name="spark",
        group=Group.FILES,
        default="",
        read=str,
        metavar="MASTER",
        help="run on a Spark cluster: its master URL (spark://…, yarn, local[4]), or submit under spark-submit; -o is a folder then",
        meaning="the master URL of a [Spark cluster](spark.md) on which `mine` reads archives and `verify` visits; `submit` under `spark-submit`",
        spiders=_MINE | _VERIFY,
    ),
    Option(
        name="checks",
        group=Group.FILES,
        default="",
        read=str,
        metavar="FILE",
        help="one row per candidate, whatever became of it: CSV, or JSONL by its ending",
        meaning="file for one row per candidate, of `verify`",
        spiders=_VERIFY | _RECHECK,
        common_in=_VERIFY | _RECHECK,
    ),
    Option(
        name="history",
        setting="BACKLINKBOT_HISTORY_URL",
        group=Group.FILES,
        default="backlinks.db",
        read=str,
        metavar="URL",
        help="where visits are remembered: a file, or postgresql://USER@HOST/DATABASE; '' for nowhere",
        meaning="where [visits are remembered](history.md#where-it-lies): a file or `postgresql://…`; set to nothing, nowhere",
        spiders=_ALL,
        common_in=_ALL,
    ),
    Option(
        name="fresh",
        group=Group.FILES,
        default=False,
        read=yes_or_no,
        metavar="yes|no",
        help="start over instead of resuming the unfinished crawl of the same command",
        meaning="whether an [unfinished crawl](resume.md) of the same command is given up, and begun anew",
        spiders=_ALL,
        is_flag=True,
    ),
    Option(
        name="overlap",
        group=Group.FILES,
        default="wait",
        read=_one_of(Overlap),
        metavar="WHAT",
        help="what to do where the same run is still at work on this history: wait, stand-down, allow, join",
        meaning="what to do where [the same run](scheduling.md) is still at work on this history: `wait`, `stand-down`, `allow`, [`join`](scaling.md)",
        spiders=_ALL,
        choices=_words(Overlap),
    ),
    Option(
        name="visits",
        group=Group.FILES,
        default="",
        read=str,
        metavar="FILE",
        help="one line of JSON for each visit that the history records, for backlinkbot replay",
        meaning="file for one line of JSON per visit that the history records, to be [replayed](history.md#replay)",
        spiders=_ALL,
    ),
    Option(
        name="summary",
        group=Group.FILES,
        default="",
        read=str,
        metavar="FILE",
        help="the run's figures as JSON",
        meaning="file for the run's [figures](stats.md#the-summary), JSON",
        spiders=_ALL,
    ),
    Option(
        name="cache_dir",
        group=Group.FILES,
        default=None,
        read=str,
        metavar="FOLDER",
        meaning="folder for what takes seconds to build, with more than a thousand target hosts, and for what [services](sources.md#how-services-are-asked) answered; set to nothing, nothing is kept",
        spiders=_ALL,
        has_flag=False,
    ),
    Option(
        name="log_format",
        group=Group.FILES,
        default="text",
        read=_one_of(LogFormat),
        metavar="FORMAT",
        help="how log records and messages are printed: text, json (one object a line)",
        meaning="how log records and messages are printed: `text`, or `json`, one object a line with `time`, `level`, `logger`, `message`",
        spiders=_ALL,
        choices=_words(LogFormat),
    ),
    Option(
        name="config",
        group=Group.FILES,
        default="",
        read=str,
        metavar="FILE",
        help="the configuration file; default backlinkbot.toml of the current folder; none for no file",
        meaning="the [configuration file](configuration.md); not set, `backlinkbot.toml` of the current folder; `none`: no file",
        spiders=_ALL | _MINE | _DOMAINS,
    ),
    Option(
        name="profile",
        group=Group.FILES,
        default="",
        read=str,
        metavar="NAME",
        help="the profile of the configuration file: its table [profile.NAME]",
        meaning="the [profile](configuration.md#profiles) of the configuration file, whose values win over the rest of it",
        spiders=_ALL | _MINE | _DOMAINS,
    ),
    Option(
        name="progress",
        group=Group.FILES,
        default=True,
        read=yes_or_no,
        metavar="yes|no",
        meaning="whether a terminal shows a status line and a summary at the end, and standard error gets a line a minute elsewhere; `--quiet` says no; not where a log of level INFO is printed there",
        spiders=_ALL,
        has_flag=False,
    ),
    Option(
        name="notify",
        group=Group.ALERTS,
        default=(),
        read=str,
        metavar="URL",
        help="who is told what changed and of a failed run: an address of Apprise (mail, Slack, Teams, Telegram), or webhook+https://HOST/PATH; better in the environment variable BACKLINKBOT_NOTIFY, which no list of processes shows",
        meaning="[addresses that are told](alerts.md) what has changed, and of a failed run; `webhook+https://…` is a signed webhook, others are of Apprise",
        spiders=_ALL,
        is_list=True,
        is_secret=True,
    ),
    Option(
        name="notify_secret",
        group=Group.ALERTS,
        default="",
        read=str,
        metavar="SECRET",
        meaning="the key that [signs webhooks](alerts.md#signed-webhooks)",
        spiders=_ALL,
        has_flag=False,
        is_secret=True,
    ),
    Option(
        name="metrics",
        group=Group.ALERTS,
        default="",
        read=str,
        metavar="FILE",
        help="the run's figures for the textfile collector of Prometheus' node_exporter: a name that ends in .prom",
        meaning="file for the run's [metrics](alerts.md#metrics), for Prometheus",
        spiders=_ALL,
    ),
)
"""Every option, in the order of ``docs/settings.md``."""

OPTIONS: Final = tuple(option for option in TABLE if option.has_flag)
"""Those that are flags and spider arguments."""


def is_given(option: Option, environment: Mapping[str, str]) -> bool:
    """True if an environment variable gives an option its value: an empty one only where an empty text is a value."""
    text = environment.get(option.variable)
    return text is not None and (text != "" or option.may_be_empty)


def defaults(environment: Mapping[str, str]) -> dict[str, Any]:
    """Setting -> its value where nobody sets it: that of its environment variable, as text, else the option's default."""
    return {
        option.setting: _known_truth(option, environment.get(option.variable))
        if is_given(option, environment)
        else option.default
        for option in TABLE
    }


def _known_truth(option: Option, text: str | None) -> Any:
    """Returns the value of a ``yes`` or ``no``, which Scrapy's ``getbool`` does not know; any other text as it is."""
    if option.read is not yes_or_no or text is None:
        return text
    try:
        return yes_or_no(text)
    except ValueError:
        return text  # refused where all settings are read, with the name of the variable


def values_of(
    command: str, given: Mapping[str, Any], environment: Mapping[str, str], configured: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns option -> value for a command that is no crawl.

    Args:
        command: its name.
        given: option -> value on the command line, as text; None or no text where it is not given.
        environment: the environment variables, which come next.
        configured: option -> value of the configuration file, which comes before the default.

    Raises:
        UsageError: a value outside its range.
    """
    values = {}
    for option in TABLE:
        if command in option.spiders:
            text = given.get(option.name)
            if text is None or text == []:
                text = environment.get(option.variable) or None
            values[option.name] = configured.get(option.name, option.default) if text is None else _read(option, text)
    return values


def items_of(option: Option, text: str) -> list[str]:
    """Returns the items of a list that is written as one text."""
    if option.is_lines:
        return [line for line in map(str.strip, text.splitlines()) if line]
    if option.has_phrases:
        return [item for item in map(str.strip, text.split(";")) if item]
    return text.split()


def _read(option: Option, text: Any) -> Any:
    try:
        if option.is_list:
            return tuple(option.read(item) for item in (items_of(option, text) if isinstance(text, str) else text))
        return option.read(str(text))
    except ValueError:
        expected = " or ".join(option.choices) if option.choices else option.metavar
        raise UsageError(f"{option.given(text)}: {expected} is expected ({option.help_text})") from None
