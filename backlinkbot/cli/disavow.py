"""``backlinkbot disavow``: writes a disavow file for Google, and advises whether one is needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backlinkbot.cli.export import add_judging
from backlinkbot.cli.row_source import RowSource, add_source
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from backlinkbot.cli.parser import Commands
    from backlinkbot.reports.disavowing.advice import Advice
    from backlinkbot.reports.disavowing.disavow import Merged, Refusal
    from backlinkbot.reports.disavowing.referrers import Reasoned

_SHOWN: Final = 20
"""Dropped lines that are listed; further ones are only counted."""


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("disavow", help="write a disavow file for Google")
    source = add_source(parser)
    source.add_argument("--list", metavar="FILE", help="URLs and domains, one a line, or a table with a column of them")
    parser.add_argument("--flagged", metavar="MARKERS", help="referrers with any of these markers, separated by commas")
    parser.add_argument("--target", metavar="NAME", action="append", default=[], help="only this target's; repeatable")
    add_judging(parser)
    parser.add_argument(
        "--by", choices=("domain", "url"), help="disavow domains or URLs; default domain, for --list as written"
    )
    parser.add_argument("--merge", metavar="FILE", help="the list in use; an upload replaces it")
    parser.add_argument("--allow", metavar="FILE", help="domains and URLs that are never disavowed, one a line")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="a .txt file")
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Prints whether the file is needed, then writes it; returns the exit status.

    Raises:
        UsageError: the flags do not go together, or a list cannot be read.
        OutputError: the rows cannot be read, or the file would break one of Google's limits.
    """
    from backlinkbot.files.atomic import check_writable, write_whole  # noqa: PLC0415
    from backlinkbot.reports.disavowing.advice import Advice  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.reports.disavowing.disavow import Entry, encoded, merge  # noqa: PLC0415
    from backlinkbot.reports.disavowing.referrers import read_allowed, read_lines  # noqa: PLC0415

    output = Path(arguments.output)
    if output.suffix.lower() != ".txt":
        raise UsageError(f"-o {output}: Google accepts a .txt file only")
    check_writable(output)
    advice = Advice()
    found = list(_asked_for(arguments, advice))
    current = read_lines(Path(arguments.merge)) if arguments.merge else []
    for line in advice.lines():
        sys.stderr.write(f"backlinkbot: {line}\n")
    merged = merge(
        current,
        [(entry, reason) for entry, reason in found if isinstance(entry, Entry)],
        head=advice.lines(),
        allowed=list(read_allowed(Path(arguments.allow))) if arguments.allow else [],
    )
    refused = [entry for entry, _ in found if not isinstance(entry, Entry)] + merged.refused
    write_whole(output, encoded(merged.lines))
    _say(output, merged, refused)
    return 0


def _asked_for(arguments: Namespace, advice: Advice) -> Iterable[Reasoned]:
    from backlinkbot.reports.disavowing.referrers import By, listed, referrers  # noqa: PLC0415
    from backlinkbot.reports.exports.grouping import Selection  # noqa: PLC0415 - as above
    from backlinkbot.reports.quality.markers import parse_markers  # noqa: PLC0415
    from backlinkbot.reports.quality.own import NO_LINKS, read_own_links  # noqa: PLC0415
    from backlinkbot.reports.quality.profile import Profile  # noqa: PLC0415

    flagged = parse_markers(arguments.flagged) if arguments.flagged is not None else None
    if arguments.list:
        if flagged is not None:
            raise UsageError("--flagged selects rows; it cannot be used with --list")
        return listed(Path(arguments.list), By(arguments.by) if arguments.by else None)
    if flagged is None and not arguments.rows:
        if arguments.merge and not arguments.history:
            return ()  # to clean up the current list only
        raise UsageError(
            "a history contains good referrers, too; select with --flagged MARKERS, or give a --list or --rows"
        )
    rows = Selection(rows=RowSource.of(arguments), targets=frozenset(arguments.target))
    own_links = read_own_links(Path(arguments.own_links)) if arguments.own_links else NO_LINKS
    return referrers(
        rows,
        Profile(rows, own_links=own_links, own_language=arguments.language),
        by=By(arguments.by or By.DOMAIN),
        flagged=flagged,
        name=Path(arguments.rows).name if arguments.rows else "the history",
        advice=advice,
    )


def _say(output: Path, merged: Merged, refused: list[Refusal]) -> None:
    for refusal in refused[:_SHOWN]:
        sys.stderr.write(f"backlinkbot: {refusal}\n")
    if len(refused) > _SHOWN:
        sys.stderr.write(f"backlinkbot: and {len(refused) - _SHOWN} more lines left out\n")
    sys.stderr.write(
        f"backlinkbot: {output}: {merged.added} added, {merged.kept} kept, "
        f"{merged.dropped} dropped because others cover them, {len(refused)} left out\n"
    )
