"""The tables from which ``--help`` is written: the group, examples and document of each command, and the groups of flags."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class CommandGroup(StrEnum):
    """The groups of commands; each value is a heading of ``backlinkbot --help``."""

    VISIT = "Visit pages"
    HISTORY = "Query the history"
    FILES = "Read files and archives"
    SHARE = "Share the results"
    SET_UP = "Set up"


class Example(NamedTuple):
    """An example of a command."""

    purpose: str
    command: str
    """The command line; several commands are separated by semicolons."""


class CommandHelp(NamedTuple):
    """What the help of a command has besides its options."""

    group: CommandGroup
    document: str
    """The document that describes the command: ``docs/NAME.md``."""
    examples: tuple[Example, ...]


COMMANDS: Final = {
    "discover": CommandHelp(
        CommandGroup.VISIT,
        "usage",
        (
            Example("ask services which pages link to example.com", "backlinkbot discover example.com"),
            Example(
                "crawl a site and write its links to a file",
                "backlinkbot discover example.com --seed https://blog.example -o links.csv",
            ),
        ),
    ),
    "verify": CommandHelp(
        CommandGroup.VISIT,
        "usage",
        (
            Example(
                "check whether the pages of an export still link to you",
                "backlinkbot verify example.com --candidates export.csv",
            ),
            Example(
                "write an answer for each page and the links to files",
                "backlinkbot verify example.com --candidates export.csv --checks checks.csv -o links.csv",
            ),
        ),
    ),
    "recheck": CommandHelp(
        CommandGroup.VISIT,
        "recheck",
        (
            Example("visit the pages that are due again", "backlinkbot recheck example.com"),
            Example(
                "visit at most 200 pages, in a scheduled run",
                "backlinkbot recheck example.com --budget 200 --quiet -o links.csv",
            ),
        ),
    ),
    "sources": CommandHelp(
        CommandGroup.VISIT, "sources", (Example("list the services, and which need a key", "backlinkbot sources"),)
    ),
    "changes": CommandHelp(
        CommandGroup.HISTORY,
        "history",
        (
            Example("list the links that the last run found new or lost", "backlinkbot changes"),
            Example(
                "list the changes since a day, as Markdown for a mail",
                "backlinkbot changes --since 2026-11-23 --format md",
            ),
        ),
    ),
    "todo": CommandHelp(
        CommandGroup.HISTORY,
        "todo",
        (
            Example("list the tasks, the most important first", "backlinkbot todo"),
            Example("mark task 12 as done", "backlinkbot todo done 12 --note 'wrote to the editor'"),
        ),
    ),
    "claims": CommandHelp(
        CommandGroup.HISTORY,
        "claims",
        (
            Example("count which sources' links exist today", "backlinkbot claims"),
            Example("write each claim with its answer", "backlinkbot claims --view claims -o claims.csv"),
        ),
    ),
    "gap": CommandHelp(
        CommandGroup.HISTORY,
        "claims",
        (
            Example(
                "list the domains that link to both competitors and not to you",
                "backlinkbot gap example.com --against rival.example other.example",
            ),
        ),
    ),
    "disavow": CommandHelp(
        CommandGroup.HISTORY,
        "disavow",
        (
            Example(
                "write the domains of your own list in Google's format",
                "backlinkbot disavow --list spam.txt -o disavow.txt",
            ),
        ),
    ),
    "runs": CommandHelp(
        CommandGroup.HISTORY,
        "history",
        (
            Example("list the runs, and how each ended", "backlinkbot runs"),
            Example("give up an unfinished crawl", "backlinkbot runs --forget 12"),
        ),
    ),
    "replay": CommandHelp(
        CommandGroup.HISTORY,
        "history",
        (
            Example(
                "rebuild a history from files of visits",
                "backlinkbot replay monday.jsonl tuesday.jsonl --history new.db",
            ),
        ),
    ),
    "prune": CommandHelp(
        CommandGroup.HISTORY,
        "history",
        (
            Example(
                "show what removing visits older than a year would remove",
                "backlinkbot prune --visits-before 365 --dry-run",
            ),
            Example("forget a target", "backlinkbot prune --drop-target old.example"),
        ),
    ),
    "show": CommandHelp(
        CommandGroup.FILES,
        "usage",
        (
            Example("show the first 20 rows in the terminal's width", "backlinkbot show links.csv"),
            Example(
                "show all followed links, sorted by domain",
                "backlinkbot show links.csv --where follow=true --sort source_domain --all",
            ),
        ),
    ),
    "import": CommandHelp(
        CommandGroup.FILES,
        "importers",
        (
            Example("show how a file would be read", "backlinkbot import export.csv --explain"),
            Example(
                "merge several exports into one list of candidates",
                "backlinkbot import ahrefs.csv gsc.zip --target example.com -o candidates.jsonl",
            ),
        ),
    ),
    "mine": CommandHelp(
        CommandGroup.FILES,
        "mine",
        (
            Example(
                "write the links of archived pages, and the pages as candidates",
                "backlinkbot mine example.com --archive crawl.warc.gz --candidates-out pages.jsonl -o links.csv",
            ),
        ),
    ),
    "domains": CommandHelp(
        CommandGroup.FILES,
        "commoncrawl",
        (
            Example(
                "list the linking domains of a web graph in a folder",
                "backlinkbot domains example.com --graph graph/ --candidates-out domains.csv",
            ),
        ),
    ),
    "report": CommandHelp(
        CommandGroup.SHARE,
        "reports",
        (Example("write a report as one page to share", "backlinkbot report -o report.html"),),
    ),
    "export": CommandHelp(
        CommandGroup.SHARE,
        "export",
        (
            Example("write the live links as CSV", "backlinkbot export > links.csv"),
            Example("write a workbook with a sheet for each view", "backlinkbot export -o backlinks.xlsx"),
            Example(
                "write the referring domains, including lost ones",
                "backlinkbot export --view domains --state all -o domains.csv",
            ),
        ),
    ),
    "web": CommandHelp(
        CommandGroup.SHARE,
        "web",
        (
            Example("show the history in the browser", "backlinkbot web"),
            Example("show another history on another port", "backlinkbot web --history old.db --port 8700"),
        ),
    ),
    "mcp": CommandHelp(
        CommandGroup.SHARE,
        "mcp",
        (Example("start the server as an assistant does", "backlinkbot mcp --history backlinks.db"),),
    ),
    "init": CommandHelp(
        CommandGroup.SET_UP,
        "configuration",
        (
            Example("answer five questions", "backlinkbot init"),
            Example("give the answers as options", "backlinkbot init --target example.com --every weekly"),
        ),
    ),
    "config": CommandHelp(
        CommandGroup.SET_UP,
        "configuration",
        (
            Example("show every value, and where it comes from", "backlinkbot config"),
            Example("show the values of one command", "backlinkbot config recheck"),
        ),
    ),
    "completion": CommandHelp(
        CommandGroup.SET_UP,
        "usage",
        (
            Example("complete in this shell", 'eval "$(backlinkbot completion bash)"'),
            Example(
                "complete in every new shell",
                "backlinkbot completion fish > ~/.config/fish/completions/backlinkbot.fish",
            ),
        ),
    ),
    "help": CommandHelp(
        CommandGroup.SET_UP,
        "usage",
        (
            Example("list the topics", "backlinkbot help"),
            Example(
                "print a document, and a section of one", "backlinkbot help history; backlinkbot help usage politeness"
            ),
        ),
    ),
}
"""Command -> what its help adds to its options."""

COMMON_TASKS: Final = (
    Example("ask who links to a site", "backlinkbot discover example.com"),
    Example("check the pages of an export", "backlinkbot verify example.com --candidates export.csv"),
    Example("list what has changed, and what to do", "backlinkbot changes; backlinkbot todo"),
)
"""The examples of ``backlinkbot --help``."""


class FlagGroup(StrEnum):
    """The groups of flags outside the option table; each value is a heading of a command's help."""

    INPUT = "Input"
    SELECTION = "Selection"
    OUTPUT = "Output"
    GENERAL = "General"


FLAGS: Final = {
    FlagGroup.INPUT: "history rows list exports graph graph_index ranks own_links as map merge allow",
    FlagGroup.SELECTION: (
        "target where since state status group view by origin against at_least flagged limit unfold markers language "
        "brand keyword visits_before drop_target forget other contact every"
    ),
    FlagGroup.OUTPUT: "output append columns format sort all wide bad explain formats json note exit_code",
    FlagGroup.GENERAL: "dry_run port allow_verify force set quiet verbose config profile help help_all version",
}
"""Group -> the names of its flags, with underscores."""

FULL_HELP_ONLY: Final = frozenset({"append", "set", "config", "profile"})
"""Flags that only ``--help-all`` shows, besides the options of the option table that are not ``common_in`` the command."""
