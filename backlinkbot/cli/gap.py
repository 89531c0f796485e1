"""``backlinkbot gap``: lists the domains that link to competitors and not to the user's site."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backlinkbot.cli.export import ENDINGS, write
from backlinkbot.cli.output import add_format, add_history, columns_for, history_of, print_answer
from backlinkbot.cli.row_source import HISTORY, HISTORY_VARIABLE
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from backlinkbot.cli.parser import Commands

_AT_LEAST: Final = 2


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "gap",
        help="list the domains that link to competitors and not to you",
        epilog="exit status: 0 done, 1 not done, 2 usage",
    )
    parser.add_argument("target", metavar="TARGET", help="your site, written as a target of discover")
    parser.add_argument(
        "--against", metavar="COMPETITOR", nargs="+", required=True, help="competitors' sites, written likewise"
    )
    parser.add_argument(
        "--at-least",
        metavar="K",
        type=int,
        help=f"competitors that a domain links to; default {_AT_LEAST}, or all if fewer",
    )
    parser.add_argument(
        "--exports",
        metavar="FILE",
        nargs="+",
        default=[],
        help="files of other tools, gap files too; COMPETITOR=FILE where a file does not say whose links it lists",
    )
    parser.add_argument(
        "--graph", metavar="GRAPH", action="append", default=[], help="web graph of Common Crawl, as of domains"
    )
    parser.add_argument("--graph-index", metavar="FOLDER", default="", help="folder of local indexes, as of domains")
    parser.add_argument("--ranks", metavar="FILE", help="rank file of Common Crawl's web graph: fills in authority")
    add_history(parser)
    add_format(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help=f"write a file instead: {', '.join(ENDINGS)}")
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Prints or writes the table; returns the exit status.

    Raises:
        UsageError: a target names nothing, there is no such column, or there is nothing to read.
        OutputError: the history cannot be read, or the file not written.
    """
    from backlinkbot.items.columns import columns_of  # noqa: PLC0415
    from backlinkbot.reports.exports.tables import values  # noqa: PLC0415
    from backlinkbot.reports.gap import Prospect  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.reports.prospects import find_prospects  # noqa: PLC0415

    if arguments.output not in {None, "-"} and Path(arguments.output).suffix.lower() not in ENDINGS:
        raise UsageError(f"-o {arguments.output}: unknown format; the file must end in one of {', '.join(ENDINGS)}")
    columns = columns_for(arguments, columns_of(Prospect))
    links, authority = _of_graphs(arguments, [arguments.target, *arguments.against]) if arguments.graph else ([], {})
    has_others = arguments.exports or arguments.graph
    is_named = arguments.history or os.environ.get(HISTORY_VARIABLE) or arguments.default_history
    is_asked = is_named or not has_others or Path(HISTORY).exists()
    found = find_prospects(
        arguments.target,
        arguments.against,
        history=history_of(arguments) if is_asked else None,
        exports=arguments.exports,
        at_least=arguments.at_least,
        ranks=arguments.ranks,
        links=links,
        authority=authority.get if authority else None,
    )
    for line in found.warnings:
        sys.stderr.write(f"backlinkbot: {line}\n")
    if arguments.output:
        write(arguments.output, columns, values(found.prospects, columns))
    else:
        print_answer(arguments.format, map(asdict, found.prospects), columns)
    return 0


def _of_graphs(arguments: Namespace, names: Sequence[str]) -> tuple[list[tuple[str, str, str]], dict[str, float]]:
    """Returns the links to the sites by web graphs, and the authority of the domains; platforms are left out."""
    from backlinkbot.cli.domains import read_graphs  # noqa: PLC0415 - as above
    from backlinkbot.commoncrawl.referring_domains import ORIGIN, referring_domains  # noqa: PLC0415
    from backlinkbot.targets import Targets  # noqa: PLC0415

    targets = Targets.parse(names, {})
    places = {target.name: target.places[0] for target in targets}
    links: list[tuple[str, str, str]] = []
    authority: dict[str, float] = {}
    for one in referring_domains(read_graphs(arguments.graph, targets, arguments.graph_index), targets):
        if not one.platform:
            place = places[one.target]
            links.append((one.domain, f"http://{place.host}{place.path or '/'}", ORIGIN))
            if one.authority is not None:
                authority[one.domain] = one.authority
    return links, authority
