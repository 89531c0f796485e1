"""``backlinkbot export``: exports the known backlinks as a table for other programs."""

from __future__ import annotations

import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.cycle_search import without_cycle_search
from backlinkbot.cli.output import add_columns
from backlinkbot.cli.row_source import GROUPS, RowSource, add_source
from backlinkbot.errors import UsageError
from backlinkbot.items import Backlink
from backlinkbot.items.columns import FULL, chosen, columns_of, words_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from backlinkbot.cli.parser import Commands
    from backlinkbot.history.link_batches import LinksWanted
    from backlinkbot.items.columns import Column
    from backlinkbot.reports.exports.excel import Written
    from backlinkbot.reports.exports.grouping import Selection
    from backlinkbot.reports.exports.tables import Row
    from backlinkbot.reports.quality.sitewide import Sitewide

LINKS, ALL, EXCEL = "links", "all", ".xlsx"
VIEWS: Final = ("domains", "anchors", "pages", "tlds", LINKS, ALL)
STATES: Final = ("live", "lost", "all")
WRITERS: Final = {
    ".csv": ("tables", "write_csv"),
    ".jsonl": ("tables", "write_jsonl"),
    ".jl": ("tables", "write_jsonl"),
    ".parquet": ("parquet", "write_parquet"),
    EXCEL: ("excel", "write_xlsx"),
}
"""Ending -> the module of ``reports.exports`` and its function, which is imported when such a file is written.

The function takes a file, columns and rows; that of Excel returns what a workbook could not hold.
"""
ENDINGS: Final = tuple(WRITERS)
LINK_WRITERS: Final = {
    "-": ("link_text", "write_csv"),
    ".csv": ("link_text", "write_csv"),
    ".jsonl": ("link_text", "write_jsonl"),
    ".jl": ("link_text", "write_jsonl"),
    ".parquet": ("parquet", "write_links"),
}
"""As :data:`WRITERS`, for the links of a history, which need no object for each link: the function takes a file and the links."""


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("export", help="write the known backlinks as a table: CSV, JSONL, Parquet or Excel")
    add_source(parser)
    parser.add_argument(
        "--view", choices=VIEWS, help=f"what a row is; {ALL}, the default of {EXCEL}: a sheet for each; default {LINKS}"
    )
    parser.add_argument(
        "--group", choices=GROUPS, default=GROUPS[0], help=f"which links count once; default {GROUPS[0]}"
    )
    parser.add_argument("--state", choices=STATES, default="live", help="which links count; default live")
    parser.add_argument("--target", metavar="NAME", action="append", default=[], help="only this target's; repeatable")
    add_judging(parser)
    parser.add_argument("--markers", action="store_true", help="with quality markers and their evidence")
    parser.add_argument("--ranks", metavar="FILE", help="rank file of Common Crawl's web graph: fills in authority")
    add_columns(parser, f"default {FULL}")
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help=f"{', '.join(ENDINGS)}; - for CSV to stdout, the default"
    )
    parser.set_defaults(run=run)


def add_judging(parser: ArgumentParser) -> None:
    """Adds the flags for quality markers."""
    parser.add_argument("--own-links", metavar="FILE", help="the target's own links: rows of its crawl, or a .txt list")
    parser.add_argument(
        "--language", metavar="TAG", default="", help="language of the target's pages; default the most frequent one"
    )


@without_cycle_search()
def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Writes the table; returns the exit status.

    Raises:
        UsageError: the flags do not go together, or a package is missing.
        OutputError: the rows cannot be read, or the table not be written.
    """
    from backlinkbot.reports.anchors import AnchorReader  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.reports.exports.grouping import Group, grouped  # noqa: PLC0415
    from backlinkbot.reports.exports.tables import values  # noqa: PLC0415
    from backlinkbot.reports.exports.views import MARKED, Context, row_type, rows_of  # noqa: PLC0415
    from backlinkbot.reports.quality.own import NO_LINKS, read_own_links  # noqa: PLC0415
    from backlinkbot.reports.quality.profile import Profile  # noqa: PLC0415
    from backlinkbot.reports.quality.ranks import read_ranks  # noqa: PLC0415

    arguments.view = arguments.view or _default_view(arguments)
    _refuse_nonsense(arguments, MARKED)
    if arguments.view != ALL:
        _refuse_columns(arguments, row_type(arguments.view))
    source = RowSource.of(arguments)
    if _is_by_column(arguments, source):
        _write_links(arguments, source, row_type(LINKS))
        return 0
    own_links = read_own_links(Path(arguments.own_links)) if arguments.own_links else NO_LINKS
    rows = _selection(arguments, source)
    reader = AnchorReader()
    profile = (
        Profile(rows, reader=reader, own_links=own_links, own_language=arguments.language)
        if arguments.markers
        else None
    )
    context = Context(
        sitewide=profile.sitewide if profile is not None else _sitewide(arguments, source),
        reader=reader,
        profile=profile,
        ranks=read_ranks(Path(arguments.ranks), {row.source_domain for row in rows}) if arguments.ranks else None,
    )

    def table(view: str) -> tuple[Sequence[Column], Iterable[Row]]:
        columns = _columns(arguments, source, view, row_type(view))
        links = grouped(_selection(arguments, source, view), Group(arguments.group), is_by_page=source.is_by_page)
        found = rows_of(view, links, context)
        return columns, values(found, columns)

    if arguments.view == ALL:
        write_views(arguments.output, table, source, arguments.target)
    else:
        write(arguments.output, *table(arguments.view))
    return 0


def _is_by_column(arguments: Namespace, source: RowSource) -> bool:
    """True if the table can be written without an object for each link."""
    return (
        source.rows is None
        and arguments.view == LINKS
        and arguments.group in {"backlink", "all"}
        and not (arguments.markers or arguments.ranks)
        and _ending(arguments.output) in LINK_WRITERS
    )


def _ending(output: str) -> str:
    return output if output == "-" else Path(output).suffix.lower()


def _write_links(arguments: Namespace, source: RowSource, row_type: type[Any]) -> None:
    """Writes the links of a history column by column.

    Raises:
        UsageError: there is no such history, or a package is missing.
        OutputError: it cannot be read, or the file cannot be written.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import
    from backlinkbot.reports.exports.link_table import LinkTable  # noqa: PLC0415 - as above
    from backlinkbot.reports.quality.sitewide import Sitewide  # noqa: PLC0415

    columns = _columns(arguments, source, LINKS, row_type)
    is_counted = bool({column.name for column in columns} & {"sitewide", "sitewide_pages"})
    sitewide = _sitewide(arguments, source) if is_counted else Sitewide(())
    with History.open(source.history, create=False) as history:
        table = LinkTable(
            columns,
            sitewide,
            partial(history.link_batches, _wanted_links(arguments)),
            history.link_values if arguments.group == "backlink" else None,
        )
        write = _function(*LINK_WRITERS[_ending(arguments.output)])
        if arguments.output == "-":
            write(sys.stdout.buffer, table)
        else:
            _write_file(Path(arguments.output), write, table)


def _wanted_links(arguments: Namespace) -> LinksWanted:
    """Returns what :func:`_selection` selects, for a history to select."""
    from backlinkbot.history.link_batches import LinksWanted  # noqa: PLC0415 - as above
    from backlinkbot.items import AWAY, LinkState  # noqa: PLC0415

    live = [state for state in LinkState if state not in AWAY]
    states = {"live": live, "lost": [LinkState.LOST], "all": [*live, LinkState.LOST]}[arguments.state]
    return LinksWanted(states=states, targets=arguments.target or None, own_pages=arguments.view == LINKS)


def _sitewide(arguments: Namespace, source: RowSource) -> Sitewide:
    """Finds the sitewide links; a history counts them itself."""
    from backlinkbot.reports.quality.sitewide import FEW_PAGES, Sitewide  # noqa: PLC0415 - as above

    if source.rows is not None:
        return Sitewide(_selection(arguments, source))
    from backlinkbot.history import History  # noqa: PLC0415 - as above

    with History.open(source.history, create=False) as history:
        return Sitewide.counted(*history.repeated_links(_wanted_links(arguments), FEW_PAGES))


def _default_view(arguments: Namespace) -> str:
    is_workbook = Path(arguments.output).suffix.lower() == EXCEL
    return ALL if is_workbook and arguments.columns is None else LINKS


def _selection(arguments: Namespace, source: RowSource, view: str = "") -> Selection:
    from backlinkbot.reports.exports.grouping import Chosen, Selection  # noqa: PLC0415 - as above

    return Selection(
        rows=source,
        state=Chosen(arguments.state),
        targets=frozenset(arguments.target),
        own_pages=(view or arguments.view) == LINKS,
    )


_ONLY_WITH: Final = {
    "authority": "ranks",
    "relevance": "markers",
    "markers": "markers",
    "evidence": "markers",
    "spam": "markers",
}
"""Column -> the option without which it is left out."""


def _wanted(arguments: Namespace) -> list[str]:
    return words_of(arguments.columns) if arguments.columns is not None else [FULL]


def _unasked(arguments: Namespace) -> dict[str, str]:
    """Column that is left out -> the option that it needs."""
    return {name: flag for name, flag in _ONLY_WITH.items() if not getattr(arguments, flag)}


def _refuse_columns(arguments: Namespace, row_type: type[Any]) -> None:
    """Raises UsageError for a misspelt column, or one whose option is not given, before the rows are read."""
    words, unasked = _wanted(arguments), _unasked(arguments)
    chosen(columns_of(row_type), words)
    for name in words:
        if name in unasked:
            raise UsageError(f"the column {name} needs --{unasked[name]}")


def _columns(arguments: Namespace, source: RowSource, view: str, row_type: type[Any]) -> tuple[Column, ...]:
    """Returns the columns of the table: those of ``--columns`` that the options and the file of rows allow.

    Raises:
        UsageError: there is no such column.
        OutputError: the file of rows cannot be read.
    """
    words, known, unasked = _wanted(arguments), columns_of(row_type), _unasked(arguments)
    held = source.columns if view == LINKS else None
    lacking = {column.name for column in columns_of(Backlink)} - held if held is not None else set()
    for name in words:
        if name in lacking:
            raise UsageError(f"{source.rows} has no column {name}; it was written with fewer columns")
    return chosen([column for column in known if column.name not in unasked and column.name not in lacking], words)


def _refuse_nonsense(arguments: Namespace, marked: Iterable[str]) -> None:
    suffix = Path(arguments.output).suffix.lower()
    if arguments.output != "-" and suffix not in ENDINGS:
        raise UsageError(f"-o {arguments.output}: unknown format; the file must end in one of {', '.join(ENDINGS)}")
    if arguments.view == ALL and suffix != EXCEL:
        raise UsageError(f"--view {ALL} needs sheets: -o FILE{EXCEL}; {suffix or 'CSV'} holds one view")
    if arguments.view == ALL and arguments.columns is not None:
        raise UsageError(f"--columns needs one --view: each view of --view {ALL} has its own columns")
    for flag in ("markers", "ranks"):
        if getattr(arguments, flag) and arguments.view not in {*marked, ALL}:
            raise UsageError(f"--{flag} needs --view {' or '.join(sorted(marked))}, not {arguments.view}")
    for flag in ("own_links", "language"):
        if getattr(arguments, flag) and not arguments.markers:
            raise UsageError(f"--{flag.replace('_', '-')} needs --markers")


def write(output: str, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Writes the table atomically.

    Raises:
        UsageError: a package is missing.
        OutputError: the file cannot be written.
    """
    from backlinkbot.reports.exports.tables import write_csv  # noqa: PLC0415 - as above

    if output == "-":
        write_csv(sys.stdout.buffer, columns, rows)
    else:
        _write_file(Path(output), _function(*WRITERS[Path(output).suffix.lower()]), columns, rows)


def _write_file(path: Path, write: Any, *what: Any) -> None:
    from backlinkbot.files.atomic import check_writable, whole_file  # noqa: PLC0415 - as above

    check_writable(path)
    with whole_file(path) as file:
        written = write(file, *what)
    _say(path, written)


def write_views(
    output: str,
    table: Callable[[str], tuple[Sequence[Column], Iterable[Row]]],
    source: RowSource,
    targets: Sequence[str],
) -> None:
    """Writes a workbook with a sheet for each view, atomically; of a history also its changes and runs.

    Raises:
        UsageError: a package is missing.
        OutputError: the file cannot be written, or the rows not be read.
    """
    from backlinkbot.files.atomic import check_writable, whole_file  # noqa: PLC0415
    from backlinkbot.reports.exports.excel import Sheet, write_workbook  # noqa: PLC0415 - as above
    from backlinkbot.reports.exports.history_tables import changes_table, runs_table  # noqa: PLC0415

    def sheets() -> Iterator[Sheet]:
        for view, title in _TITLES.items():
            columns, rows = table(view)
            yield Sheet(title=title, columns=columns, rows=rows)
        if source.rows is None:
            for title, (columns, rows) in {
                "Changes": changes_table(source.history, targets),
                "Runs": runs_table(source.history),
            }.items():
                yield Sheet(title=title, columns=columns, rows=rows)

    path = Path(output)
    check_writable(path)
    with whole_file(path) as file:
        written = write_workbook(file, sheets())
    _say(path, written)


_TITLES: Final = {
    LINKS: "Links",
    "domains": "Referring domains",
    "anchors": "Anchors",
    "pages": "Linked pages",
    "tlds": "Top-level domains",
}
"""View -> the title of its sheet, in order."""


def _say(path: Path, written: Written | None) -> None:
    for note in written.notes if written is not None else ():
        sys.stderr.write(f"backlinkbot: {path}: {note}\n")


def _function(module: str, name: str) -> Any:
    return getattr(import_module(f"backlinkbot.reports.exports.{module}"), name)
