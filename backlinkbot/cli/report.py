"""``backlinkbot report``: writes the known backlinks as one self-contained page of charts and tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlinkbot.cli.cycle_search import without_cycle_search
from backlinkbot.cli.row_source import GROUPS, RowSource, add_source
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Mapping

    from backlinkbot.cli.parser import Commands
    from backlinkbot.items import Backlink
    from backlinkbot.reports.anchors import AnchorReader
    from backlinkbot.reports.page.figures import Figures
    from backlinkbot.reports.todo.listing import Section

_TASKS = 5
"""Tasks of each kind that the page shows."""


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("report", help="write a page of charts and tables about the known backlinks")
    add_source(parser)
    parser.add_argument("--target", metavar="NAME", action="append", default=[], help="only this target's; repeatable")
    parser.add_argument(
        "--group", choices=GROUPS, default=GROUPS[0], help=f"which links count once; default {GROUPS[0]}"
    )
    parser.add_argument(
        "--brand", metavar="NAME", action="append", default=[], help="a name in branded anchors; repeatable"
    )
    parser.add_argument("--keyword", metavar="WORDS", action="append", default=[], help="an exact anchor; repeatable")
    parser.add_argument("--ranks", metavar="FILE", help="rank file of Common Crawl's web graph: fills in authority")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the page, .html")
    parser.set_defaults(run=run)


@without_cycle_search()
def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Writes the page; returns the exit status.

    Raises:
        UsageError: there is no such history, or a package is missing.
        OutputError: the rows cannot be read, or the page cannot be written.
    """
    from backlinkbot.files.atomic import check_writable, write_whole  # noqa: PLC0415
    from backlinkbot.reports.anchors import AnchorReader  # noqa: PLC0415 - imported when the command runs

    try:
        from backlinkbot.reports.page import html  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(f'a report needs {error.name}: pip install "backlinkbot[report]"') from error
    output = Path(arguments.output)
    check_writable(output)
    found = _figures(arguments, AnchorReader(arguments.brand, arguments.keyword))
    write_whole(output, html.page(found, _tasks(arguments)).encode())
    return 0


def _figures(arguments: Namespace, reader: AnchorReader) -> Figures:
    from backlinkbot.reports.exports.grouping import Group, grouped  # noqa: PLC0415 - as above
    from backlinkbot.reports.history_figures import history_figures  # noqa: PLC0415
    from backlinkbot.reports.page.figures import figures  # noqa: PLC0415

    at = datetime.now(UTC)
    source = RowSource.of(arguments)
    wanted = tuple(arguments.target)

    def authority(domains: Iterable[str]) -> Mapping[str, float]:
        return _authority(Path(arguments.ranks), domains) if arguments.ranks else {}

    def counted(rows: Iterable[Backlink]) -> Iterable[Backlink]:
        return (one.link for one in grouped(rows, Group(arguments.group), is_by_page=source.is_by_page))

    if source.rows is not None:
        chosen = (row for row in source if not wanted or row.target in wanted)
        return figures(counted(chosen), reader=reader, at=at, targets=wanted, authority=authority)
    from backlinkbot.history import History  # noqa: PLC0415 - as above

    with History.open(source.history, create=False) as history:
        names = wanted or tuple(name for run in history.runs() for name in run.targets)
        scope: dict[str, Any] = {"reader": reader, "at": at, "targets": names, "authority": authority}
        if arguments.group in {Group.BACKLINK, Group.ALL}:
            is_each = arguments.group == Group.ALL
            return history_figures(history, only=wanted or None, is_each=is_each, **scope)
        # Changes are those of single backlinks; they are omitted when backlinks are grouped.
        return figures(counted(history.backlinks(targets=wanted or None)), **scope)


def _tasks(arguments: Namespace) -> list[Section]:
    """Returns what to do; nothing where a file of rows takes the place of the history, which remembers it."""
    source = RowSource.of(arguments)
    if source.rows is not None:
        return []
    from backlinkbot.history import History  # noqa: PLC0415 - as above
    from backlinkbot.reports.todo.history_tasks import tasks_of  # noqa: PLC0415

    with History.open(source.history, create=False) as history:
        return tasks_of(history, targets=arguments.target, ranks=arguments.ranks, limit=_TASKS)


def _authority(path: Path, domains: Iterable[str]) -> dict[str, float]:
    from backlinkbot.reports.quality.ranks import read_ranks  # noqa: PLC0415 - as above

    names = list(domains)
    ranks = read_ranks(path, names)
    return {name: known for name in names if (known := ranks.authority(name)) is not None}
