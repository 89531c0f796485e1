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
    from collections.abc import Iterator

    from backlinkbot.cli import Commands
    from backlinkbot.reports.gap import Gap

_AT_LEAST: Final = 2


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "gap",
        help="list the domains that link to competitors and not to you",
        epilog="docs/claims.md; exit status: 0 done, 1 not done, 2 usage",
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
    from backlinkbot.reports.gap import Gap, Prospect  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.reports.quality.ranks import read_ranks  # noqa: PLC0415

    if arguments.output not in {None, "-"} and Path(arguments.output).suffix.lower() not in ENDINGS:
        raise UsageError(f"-o {arguments.output}: unknown format; the file must end in one of {', '.join(ENDINGS)}")
    columns = columns_for(arguments, columns_of(Prospect))
    gap = Gap(arguments.target, arguments.against)
    at_least = min(_AT_LEAST, len(gap.competitors)) if arguments.at_least is None else arguments.at_least
    if not 1 <= at_least <= len(gap.competitors):
        raise UsageError(
            f"--at-least {at_least}: {len(gap.competitors)} competitors are named; give a number from 1 to that"
        )
    files = [_read_name(text, gap) for text in arguments.exports]
    if arguments.history or not files or os.environ.get(HISTORY_VARIABLE) or Path(HISTORY).exists():
        _add_history(gap, history_of(arguments))
    for whose, file in files:
        for source, target, origin in _links_of(file, whose):
            gap.add(source, target, origin)
    ranks = read_ranks(Path(arguments.ranks), gap.domains) if arguments.ranks else None
    _say_who_is_unknown(gap, has_files=bool(files))
    found = gap.prospects(at_least, ranks.authority) if ranks is not None else gap.prospects(at_least)
    if arguments.output:
        write(arguments.output, columns, values(found, columns))
    else:
        print_answer(arguments.format, map(asdict, found), columns)
    return 0


def _say_who_is_unknown(gap: Gap, *, has_files: bool) -> None:
    """Warns of sites without any known link: they may never have been checked.

    Raises:
        UsageError: that is so of all of them, and no files were given.
    """
    unknown = [name for name in gap.competitors if name not in gap.linked]
    if not unknown:
        return
    how = "visit its referrers (discover, verify) or give a file of its links (--exports)"
    if len(unknown) == len(gap.competitors) and not has_files:
        raise UsageError(f"no link to {', '.join(unknown)} is known, so there is nothing to compare; {how}")
    sys.stderr.write(f"backlinkbot: no link to {', '.join(unknown)} is known, so it counts for nothing here; {how}\n")


def _add_history(gap: Gap, url: str) -> None:
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy, likewise
    from backlinkbot.items import AWAY, LinkState, Verdict  # noqa: PLC0415

    with History.open(url, create=False) as history:
        for judged in history.claims():  # judged claims are already among the links, or refuted
            if judged.verdict is Verdict.COULD_NOT_CHECK and not judged.claim.is_lost and judged.claim.target_url:
                gap.add(judged.candidate, judged.claim.target_url, judged.claim.origin)
        for row in history.backlinks(states=[state for state in LinkState if state not in AWAY]):
            gap.add(row.source_url, row.target_url, "history")


def _read_name(text: str, gap: Gap) -> tuple[str, str]:
    """Splits ``SITE=FILE`` into the site and the file; the site is empty if it is not given."""
    name, equals, file = text.partition("=")
    return (name, file) if equals and name in gap.competitors and not Path(text).exists() else ("", text)


def _links_of(file: str, whose: str) -> Iterator[tuple[str, str, str]]:
    """Yields source, target and origin of the links that a file claims to exist."""
    from backlinkbot.importers import read_candidates  # noqa: PLC0415 - likewise

    for candidate in read_candidates(file):
        for claim in candidate.claims:
            target = claim.target_url or whose
            if target and not claim.is_lost:
                yield candidate.url, target, claim.origin
