"""The ``backlinkbot`` command: parses the arguments and starts a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import __version__
from backlinkbot.cli import (
    changes,
    claims,
    completion,
    config,
    configured,
    disavow,
    domains,
    endings,
    export,
    gap,
    help_command,
    import_,
    init,
    mcp,
    mine,
    prune,
    replay,
    report,
    runs,
    show,
    sources,
    todo,
    web,
)
from backlinkbot.cli.parser import CONFIGURATION, Commands, Parser, add_configuration, add_option
from backlinkbot.errors import BacklinkbotError, UsageError
from backlinkbot.option_table import Option
from backlinkbot.options import options_of, set_scrapys
from backlinkbot.text.suggestions import nearest
from backlinkbot.text.terminal_escaping import escaped_streams

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from scrapy.settings import Settings

FORMATS: Final = {".csv": "csv", ".jsonl": "jsonl", ".jl": "jsonl", ".json": "json"}

# The commands that modules of ``cli`` add.
SUBCOMMANDS: Final[tuple[Callable[[Commands], None], ...]] = (
    show.add,
    changes.add,
    runs.add,
    replay.add,
    prune.add,
    todo.add,
    report.add,
    export.add,
    disavow.add,
    claims.add,
    gap.add,
    import_.add,
    mine.add,
    domains.add,
    sources.add,
    web.add,
    mcp.add,
    init.add,
    config.add,
    completion.add,
    help_command.add,
)

_EXIT_STATUSES: Final = "exit status: 0 done, 1 not done, 2 usage, 130 interrupted"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    return endings.ended(lambda: _escaped(argv))


def _escaped(argv: Sequence[str] | None) -> int:
    with escaped_streams():
        return _main(argv)


def _main(argv: Sequence[str] | None) -> int:
    parser = build_parser()
    try:
        configured.configure(parser, sys.argv[1:] if argv is None else argv, os.environ)
        arguments = parser.parse_args(argv)
        return int(arguments.run(arguments, parser))
    except BacklinkbotError as error:
        sys.stderr.write(f"backlinkbot: {error}\n")
        return 2 if isinstance(error, UsageError) else 1


def build_parser() -> Parser:
    """Returns the parser with all commands and options; ``docs/usage.md`` describes each."""
    parser = Parser(
        prog="backlinkbot", description="Find, check and watch the pages that link to a domain.", epilog=_EXIT_STATUSES
    )
    parser.add_argument("--version", action="version", version=f"backlinkbot {__version__}", help="show the version")
    add_configuration(parser)
    commands = Commands(parser)
    discover = commands.add_parser(
        "discover",
        help="ask who knows links to the targets, or crawl from seeds, and report every link",
        epilog=_EXIT_STATUSES,
    )
    _add_crawl(discover, "discover")
    verify = commands.add_parser(
        "verify", help="visit each candidate once and report whether it links to the targets", epilog=_EXIT_STATUSES
    )
    _add_crawl(verify, "verify")
    recheck = commands.add_parser(
        "recheck", help="visit known pages of the history again that are due", epilog=_EXIT_STATUSES
    )
    _add_crawl(recheck, "recheck")
    for add in SUBCOMMANDS:
        add(commands)
    for command in parser.commands.values():
        add_configuration(command)
    return parser


def _add_crawl(parser: Parser, spider: str) -> None:
    parser.add_argument("targets", metavar="TARGET", nargs="*", help=_option(spider, "targets").help_text)
    for option in options_of(spider):
        if option.name not in {"targets", *CONFIGURATION}:
            add_option(parser, option)
    parser.add_argument(
        "-o", "--output", metavar="FILE", action="append", default=[], help=".csv, .jsonl or .json; - for CSV to stdout"
    )
    parser.add_argument("--append", action="store_true", help="add the rows to the output files instead")
    parser.add_argument("-s", "--set", metavar="NAME=VALUE", action="append", default=[], help="any Scrapy setting")
    parser.add_argument("-v", "--verbose", action="store_true", help="log to standard error")
    parser.add_argument("-q", "--quiet", action="store_true", help="no status line, no line a minute and no summary")
    parser.set_defaults(run=_crawl, spider=spider)


def _option(spider: str, name: str) -> Option:
    return next(option for option in options_of(spider) if option.name == name)


def _crawl(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from backlinkbot import run  # noqa: PLC0415 - Scrapy is slow to import

    if getattr(arguments, "spark", None):
        from backlinkbot.cli import verify_on_spark  # noqa: PLC0415

        return verify_on_spark.run(arguments, dict(_pairs(arguments, parser)))
    settings = run.project_settings()
    settings.set("LOG_LEVEL", "ERROR", priority="project")
    set_scrapys(settings, arguments.configuration)  # here, since the log begins before the spider reads its arguments
    if arguments.verbose:
        settings.set("LOG_LEVEL", "INFO", priority="cmdline")
    if arguments.quiet:
        settings.set("BACKLINKBOT_PROGRESS", False, priority="cmdline")
    _set_outputs(settings, arguments, parser)
    for name, value in _pairs(arguments, parser):
        if name not in settings and not name.startswith("BACKLINKBOT_") and (meant := nearest(name, settings)):
            parser.error(f"-s {name}: Scrapy has no such setting; did you mean {meant}?")
        settings.set(name, value, priority="cmdline")
    given = {option.name: getattr(arguments, option.name, None) for option in options_of(arguments.spider)}
    return run.crawl(
        arguments.spider, {name: value for name, value in given.items() if value not in (None, [])}, settings
    )


def _pairs(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Yields name and value of each ``-s``."""
    for pair in arguments.set:
        name, equals, value = pair.partition("=")
        if not equals:
            parser.error(f"-s {pair}: expected NAME=VALUE")
        yield name, value


def _set_outputs(settings: Settings, arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    feeds: dict[str, dict[str, Any]] = {}
    if not arguments.output and sys.stdout is not None and sys.stdout.isatty():
        feeds["terminal:"] = {"format": "terminal"}
    for name in arguments.output or ([] if feeds else ["-"]):
        suffix = ".csv" if name == "-" else Path(name).suffix.lower()
        if suffix not in FORMATS:
            parser.error(f"-o {name}: unknown format; the file must end in one of {', '.join(FORMATS)}")
        feed: dict[str, Any] = {"format": FORMATS[suffix]}
        feeds["stdout:" if name == "-" else name] = feed if name == "-" else feed | {"overwrite": not arguments.append}
    settings.set("FEEDS", feeds, priority="cmdline")


if __name__ == "__main__":
    sys.exit(main())
