"""What the help of the commands shows: the group of each command and flag, and examples of each command."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class CommandGroup(StrEnum):
    """The groups of commands; each value is a heading of ``backlinkbot --help``."""

    VISIT = "Visit pages"
    HISTORY = "Query the history"
    FILES = "Read files and archives"
    SHARE = "Share the results"
    SET_UP = "Set up"


COMMANDS: Final = {
    "discover": CommandGroup.VISIT,
    "verify": CommandGroup.VISIT,
    "recheck": CommandGroup.VISIT,
    "sources": CommandGroup.VISIT,
    "changes": CommandGroup.HISTORY,
    "todo": CommandGroup.HISTORY,
    "claims": CommandGroup.HISTORY,
    "gap": CommandGroup.HISTORY,
    "disavow": CommandGroup.HISTORY,
    "runs": CommandGroup.HISTORY,
    "replay": CommandGroup.HISTORY,
    "prune": CommandGroup.HISTORY,
    "show": CommandGroup.FILES,
    "import": CommandGroup.FILES,
    "mine": CommandGroup.FILES,
    "domains": CommandGroup.FILES,
    "report": CommandGroup.SHARE,
    "export": CommandGroup.SHARE,
    "web": CommandGroup.SHARE,
    "mcp": CommandGroup.SHARE,
    "init": CommandGroup.SET_UP,
    "config": CommandGroup.SET_UP,
    "completion": CommandGroup.SET_UP,
    "help": CommandGroup.SET_UP,
}
"""Command -> its group."""


class FlagGroup(StrEnum):
    """The groups of flags that are no options of the option table; each value is a heading of a command's help."""

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

RARE: Final = frozenset({"append", "set", "config", "profile"})
"""Flags that only ``--help-all`` shows; of the option table, those that are not ``common_in`` the command."""

EXAMPLES: Final = {
    "discover": (
        ("who links to example.com, from services that know", "backlinkbot discover example.com"),
        (
            "every link on these sites, as a file",
            "backlinkbot discover example.com --seed https://blog.example -o links.csv",
        ),
    ),
    "verify": (
        ("do the pages of this export still link to me?", "backlinkbot verify example.com --candidates export.csv"),
        (
            "an answer for each page, in files",
            "backlinkbot verify example.com --candidates export.csv --checks checks.csv -o links.csv",
        ),
    ),
    "recheck": (
        ("visit again what is due", "backlinkbot recheck example.com"),
        ("at most 200 pages, for a scheduled run", "backlinkbot recheck example.com --budget 200 --quiet -o links.csv"),
    ),
    "show": (
        ("the first 20 rows, in the terminal's width", "backlinkbot show links.csv"),
        (
            "followed links, by domain, all of them",
            "backlinkbot show links.csv --where follow=true --sort source_domain --all",
        ),
    ),
    "changes": (
        ("what the last run found new and lost", "backlinkbot changes"),
        ("of the last days, as Markdown for a mail", "backlinkbot changes --since 2026-11-23 --format md"),
    ),
    "runs": (
        ("what ran when, and how it ended", "backlinkbot runs"),
        ("give up an unfinished crawl", "backlinkbot runs --forget 12"),
    ),
    "replay": (
        (
            "build a history again from files of visits",
            "backlinkbot replay monday.jsonl tuesday.jsonl --history new.db",
        ),
    ),
    "prune": (
        ("what would removing visits of a year ago remove?", "backlinkbot prune --visits-before 365 --dry-run"),
        ("forget a target", "backlinkbot prune --drop-target old.example"),
    ),
    "todo": (
        ("what to do, the most important first", "backlinkbot todo"),
        ("task 12 is done", "backlinkbot todo done 12 --note 'wrote to the editor'"),
    ),
    "report": (("one page to show around", "backlinkbot report -o report.html"),),
    "export": (
        ("the live links as CSV", "backlinkbot export > links.csv"),
        ("a workbook with a sheet for each view", "backlinkbot export -o backlinks.xlsx"),
        ("referring domains, with lost ones", "backlinkbot export --view domains --state all -o domains.csv"),
    ),
    "disavow": (
        ("domains of a list of your own, in Google's format", "backlinkbot disavow --list spam.txt -o disavow.txt"),
    ),
    "claims": (
        ("which source's links are there today?", "backlinkbot claims"),
        ("each claim with its answer", "backlinkbot claims --view claims -o claims.csv"),
    ),
    "gap": (
        (
            "who links to both competitors and not to you?",
            "backlinkbot gap example.com --against rival.example other.example",
        ),
    ),
    "import": (
        ("how would this file be read?", "backlinkbot import export.csv --explain"),
        (
            "several exports as one list of candidates",
            "backlinkbot import ahrefs.csv gsc.zip --target example.com -o candidates.jsonl",
        ),
    ),
    "mine": (
        (
            "links of archived pages, and the pages as candidates",
            "backlinkbot mine example.com --archive crawl.warc.gz --candidates-out pages.jsonl -o links.csv",
        ),
    ),
    "domains": (
        (
            "linking domains by a web graph in a folder",
            "backlinkbot domains example.com --graph graph/ --candidates-out domains.csv",
        ),
    ),
    "sources": (("who can be asked, and which need a key", "backlinkbot sources"),),
    "web": (
        ("the history in the browser", "backlinkbot web"),
        ("another one, elsewhere", "backlinkbot web --history old.db --port 8700"),
    ),
    "mcp": (("what an assistant starts", "backlinkbot mcp --history backlinks.db"),),
    "init": (
        ("answer five questions", "backlinkbot init"),
        ("answer them in the command", "backlinkbot init --target example.com --every weekly"),
    ),
    "config": (
        ("every value, and where it comes from", "backlinkbot config"),
        ("those of one command", "backlinkbot config recheck"),
    ),
    "completion": (
        ("in this shell", 'eval "$(backlinkbot completion bash)"'),
        ("for good", "backlinkbot completion fish > ~/.config/fish/completions/backlinkbot.fish"),
    ),
    "help": (
        ("the topics", "backlinkbot help"),
        ("a document, and a section of it", "backlinkbot help history; backlinkbot help usage politeness"),
    ),
}
"""Command -> its examples: what each is for, and the words."""

FIRST_STEPS: Final = (
    ("ask who links to a site", "backlinkbot discover example.com"),
    ("check the pages of an export", "backlinkbot verify example.com --candidates export.csv"),
    ("what has changed, and what to do", "backlinkbot changes; backlinkbot todo"),
)
"""The examples of ``backlinkbot --help``."""

DOCUMENTS: Final = {
    "discover": "usage",
    "verify": "usage",
    "recheck": "recheck",
    "sources": "sources",
    "changes": "history",
    "todo": "todo",
    "claims": "claims",
    "gap": "claims",
    "disavow": "disavow",
    "runs": "history",
    "replay": "history",
    "prune": "history",
    "show": "usage",
    "import": "importers",
    "mine": "mine",
    "domains": "commoncrawl",
    "report": "reports",
    "export": "export",
    "web": "web",
    "mcp": "mcp",
    "init": "configuration",
    "config": "configuration",
    "completion": "usage",
    "help": "usage",
}
"""Command -> the document that describes it."""
