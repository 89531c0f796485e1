"""``backlinkbot mine``: finds links to targets in web archives."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli import mine_common
from backlinkbot.cli.configured import configured_values
from backlinkbot.cli.export import ENDINGS, write
from backlinkbot.cli.mine_progress import MiningProgress
from backlinkbot.cli.parser import CONFIGURATION, add_option
from backlinkbot.cli.row_source import HISTORY, HISTORY_VARIABLE
from backlinkbot.errors import OutputError, UsageError
from backlinkbot.items.columns import chosen, words_of
from backlinkbot.option_table import OPTIONS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.archives.mining import MiningOptions
    from backlinkbot.archives.parallel_mining import RunFolder
    from backlinkbot.archives.rows import ArchivedBacklink
    from backlinkbot.cli.parser import Commands
    from backlinkbot.items.columns import Column

PARTITION: Final = 1_000_000
"""Most rows of one file of a folder of Parquet."""


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "mine",
        help="find links to the targets in web archives: WARC, WACZ, WAT",
        epilog="exit status: 0 done, 1 an archive could not be read, or not written, 2 usage",
    )
    options = {option.name: option for option in OPTIONS if "mine" in option.spiders}
    parser.add_argument("targets", metavar="TARGET", nargs="*", help=options.pop("targets").help_text)
    for name, option in options.items():
        if name not in CONFIGURATION:
            add_option(parser, option)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="",
        help=f"{', '.join(ENDINGS)}, or a folder for Parquet; default CSV to stdout, unless candidates go elsewhere",
    )
    parser.add_argument(
        "--history",
        metavar="URL",
        nargs="?",
        const="",
        default=None,
        help=f"store the pages as claims that wait for a visit; default {HISTORY_VARIABLE}, else {HISTORY}",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, and no line a minute")
    parser.set_defaults(run=run)


def run(arguments: Namespace, parser: ArgumentParser) -> int:
    """Reads the archives, writes rows and candidates; returns the exit status.

    Raises:
        UsageError: an option is wrong, or there is no such archive.
        OutputError: a file or the history cannot be written.
    """
    from backlinkbot.archives import parallel_mining  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.archives.locations import listed  # noqa: PLC0415
    from backlinkbot.archives.position import Position  # noqa: PLC0415
    from backlinkbot.archives.rows import COLUMNS  # noqa: PLC0415 - as above

    values = configured_values("mine", arguments, os.environ)
    if not values["targets"]:
        parser.error("name a target: backlinkbot mine example.com --archive FILE")
    if not values["archives"]:
        parser.error("name archives to read: --archive FILE")
    columns = chosen(COLUMNS, words_of(values["columns"]))
    if values["spark"]:
        from backlinkbot.cli import mine_on_spark  # noqa: PLC0415

        return mine_on_spark.run(arguments, values, columns)
    output = _checked(arguments, values)
    options = mine_common.options_of(values)
    archives = listed(values["archives"])
    folder = parallel_mining.RunFolder(_folder(output or values["candidates_out"], options, archives), options)
    position = Position()
    with MiningProgress(archives, position, is_quiet=arguments.quiet) as progress:
        parallel_mining.run_tasks(archives, options, folder, jobs=values["jobs"], tell=progress.tell, position=position)
    rows = 0
    if output:
        rows = _write(output, columns, _distinct(folder, archives))
    mine_common.keep_candidates(arguments, values, lambda: _distinct(folder, archives))
    progress.end(rows if output else None)
    if progress.failed:
        sys.stderr.write(f"backlinkbot: repeat the command to try those again; {folder.path} holds what was read\n")
        return 1
    folder.remove(archives)
    return 0


def _checked(arguments: Namespace, values: dict[str, Any]) -> str:
    """Returns where the rows go, empty for nowhere, after it is known that everything can be written.

    Raises:
        UsageError: a file has another ending.
        OutputError: a file cannot be written.
    """
    from backlinkbot.files.atomic import check_writable  # noqa: PLC0415 - as above

    candidates = values["candidates_out"]
    output = str(arguments.output) or ("" if candidates or arguments.history is not None else "-")
    path = Path(output)
    if output not in {"", "-"} and path.suffix and not path.is_dir() and path.suffix.lower() not in ENDINGS:
        raise UsageError(f"-o {output}: unknown format; the file must end in one of {', '.join(ENDINGS)}")
    if output and output != "-" and not _is_folder(output):
        check_writable(Path(output))
    mine_common.check_candidates(arguments, candidates)
    return output


def _is_folder(output: str) -> bool:
    return output not in {"", "-"} and (Path(output).is_dir() or not Path(output).suffix)


def _folder(output: str, options: MiningOptions, archives: Sequence[str]) -> Path:
    """Returns where the rows of each archive lie until all are read: beside the output."""
    if output in {"", "-"}:
        key = hashlib.blake2b(repr((options, archives)).encode(), digest_size=8).hexdigest()
        return (mine_common.cache_folder() or Path()) / f"mine-{key}.parts"
    path = Path(output)
    return path.with_name(f"{path.name or 'mine'}.parts")


def _distinct(folder: RunFolder, archives: Sequence[str]) -> Iterator[ArchivedBacklink]:
    """Yields the rows, without those that another archive holds, too."""
    from backlinkbot.archives.rows import identity  # noqa: PLC0415 - as above

    seen: set[bytes] = set()
    for row in folder.rows(archives):
        key = identity(row)
        if key not in seen:
            seen.add(key)
            yield row


def _write(output: str, columns: Sequence[Column], rows: Iterable[ArchivedBacklink]) -> int:
    """Writes the rows; returns how many."""
    from itertools import chain, islice  # noqa: PLC0415 - as above

    from backlinkbot.reports.exports.tables import values  # noqa: PLC0415

    counted = _Counted(rows)
    found = values(counted, columns)
    if not _is_folder(output):
        write(output, columns, found)
        return counted.count
    path = Path(output)
    if any(not one.name.startswith("part-") for one in path.glob("*")):
        raise OutputError(f"-o {output}: this folder holds other files; name one for the rows alone")
    for old in path.glob("part-*.parquet"):
        old.unlink()
    number = 0
    while (first := next(found, None)) is not None or not number:
        batch = chain([first], islice(found, PARTITION - 1)) if first is not None else iter(())
        write(str(path / f"part-{number:05}.parquet"), columns, batch)
        number += 1
    return counted.count


class _Counted:
    """An iterable that counts what it yields."""

    def __init__(self, rows: Iterable[ArchivedBacklink]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[ArchivedBacklink]:
        for row in self._rows:
            self.count += 1
            yield row
