"""``backlinkbot mine``: finds links to targets in web archives."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.export import ENDINGS, write
from backlinkbot.cli.output import history_of
from backlinkbot.cli.parser import add_option
from backlinkbot.cli.row_source import HISTORY, HISTORY_VARIABLE
from backlinkbot.errors import OutputError, UsageError
from backlinkbot.items.columns import chosen, words_of
from backlinkbot.option_table import OPTIONS, values_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.archives.faults import MiningCounts
    from backlinkbot.archives.mining import MiningOptions
    from backlinkbot.archives.rows import ArchivedBacklink
    from backlinkbot.archives.tasks import RunFolder, Task
    from backlinkbot.cli import Commands
    from backlinkbot.items.columns import Column

_CANDIDATES: Final = (".jsonl", ".jl", ".csv")
PARTITION: Final = 1_000_000
"""Most rows of one file of a folder of Parquet."""


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "mine",
        help="find links to the targets in web archives: WARC, WACZ, WAT",
        epilog="docs/mine.md; exit status: 0 done, 1 an archive could not be read, or not written, 2 usage",
    )
    options = {option.name: option for option in OPTIONS if "mine" in option.spiders}
    parser.add_argument("targets", metavar="TARGET", nargs="+", help=options.pop("targets").help_text)
    for option in options.values():
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
    parser.set_defaults(run=run)


def run(arguments: Namespace, parser: ArgumentParser) -> int:
    """Reads the archives, writes rows and candidates; returns the exit status.

    Raises:
        UsageError: an option is wrong, or there is no such archive.
        OutputError: a file or the history cannot be written.
    """
    from backlinkbot.archives import tasks  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.archives.locations import listed  # noqa: PLC0415
    from backlinkbot.archives.rows import COLUMNS  # noqa: PLC0415 - as above

    values = values_of("mine", vars(arguments), os.environ)
    if not values["archives"]:
        parser.error("name archives to read: --archive FILE")
    columns = chosen(COLUMNS, words_of(values["columns"]))
    output = _checked(arguments, values)
    options = _options(values)
    archives = listed(values["archives"])
    folder = tasks.RunFolder(_folder(output or values["candidates_out"], options, archives), options)
    progress = _Progress(len(archives))
    tasks.run_tasks(archives, options, folder, jobs=values["jobs"], tell=progress.tell)
    rows = 0
    if output:
        rows = _write(output, columns, _distinct(folder, archives))
    _keep_candidates(arguments, values, folder, archives)
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
    from backlinkbot.cli import import_outputs  # noqa: PLC0415 - as above
    from backlinkbot.files.atomic import check_writable  # noqa: PLC0415

    candidates = values["candidates_out"]
    if candidates and Path(candidates).suffix.lower() not in _CANDIDATES:
        raise UsageError(f"--candidates-out {candidates}: the file must end in one of {', '.join(_CANDIDATES)}")
    output = str(arguments.output) or ("" if candidates or arguments.history is not None else "-")
    path = Path(output)
    if output not in {"", "-"} and path.suffix and not path.is_dir() and path.suffix.lower() not in ENDINGS:
        raise UsageError(f"-o {output}: unknown format; the file must end in one of {', '.join(ENDINGS)}")
    for name in (output, candidates):
        if name and name != "-" and not _is_folder(name):
            check_writable(Path(name))
    if arguments.history is not None:
        import_outputs.check(history_of(arguments))
    return output


def _is_folder(output: str) -> bool:
    return output not in {"", "-"} and (Path(output).is_dir() or not Path(output).suffix)


def _options(values: dict[str, Any]) -> MiningOptions:
    from backlinkbot.archives.mining import MiningOptions  # noqa: PLC0415 - as above
    from backlinkbot.options import named_targets  # noqa: PLC0415
    from backlinkbot.targets import Targets  # noqa: PLC0415

    names, aliases = named_targets(values["targets"], values["aliases"])
    options = MiningOptions(
        targets=tuple(names),
        aliases=tuple((name, tuple(others)) for name, others in aliases.items()),
        agent=values["agent"].lower(),
        includes_own=values["include_same_domain"],
        mentions=values["mentions"],
        bounds=(values["max_links_per_target"], values["max_links_per_page"]),
        cache_dir=str(_cache() or ""),
    )
    Targets.parse(options.targets, dict(options.aliases))  # so that a mistake is told before anything is read
    return options


def _folder(output: str, options: MiningOptions, archives: Sequence[str]) -> Path:
    """Returns where the rows of each archive lie until all are read: beside the output."""
    if output in {"", "-"}:
        key = hashlib.blake2b(repr((options, archives)).encode(), digest_size=8).hexdigest()
        return (_cache() or Path()) / f"mine-{key}.parts"
    path = Path(output)
    return path.with_name(f"{path.name or 'mine'}.parts")


def _cache() -> Path | None:
    """Returns the folder for compiled filters and unfinished runs: the user's own cache folder, or that of the environment."""
    from backlinkbot.options import cache_folder_of  # noqa: PLC0415 - as above

    return cache_folder_of(os.environ.get("BACKLINKBOT_CACHE_DIR"))


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


def _keep_candidates(arguments: Namespace, values: dict[str, Any], folder: RunFolder, archives: Sequence[str]) -> None:
    from itertools import groupby  # noqa: PLC0415 - as above
    from operator import attrgetter  # noqa: PLC0415

    from backlinkbot.archives.rows import candidate_of  # noqa: PLC0415
    from backlinkbot.cli import import_outputs  # noqa: PLC0415
    from backlinkbot.importers.merging import Merger  # noqa: PLC0415

    history = history_of(arguments) if arguments.history is not None else ""
    if not (history or values["candidates_out"]):
        return
    with Merger() as merger:
        number = 0
        for _, rows in groupby(_distinct(folder, archives), key=attrgetter("source_url")):
            candidate = candidate_of(rows)
            if candidate is not None:
                merger.add(candidate)
                number += 1
        kept = import_outputs.keep(
            merger.lines(), number, files=values["archives"], history=history, output=values["candidates_out"]
        )
    for name in filter(None, (history, values["candidates_out"])):
        sys.stderr.write(f"{name}: {kept.count:,} candidates, each page once\n")


class _Progress:
    """Says on standard error which archives are read, what was found, and what was wrong."""

    def __init__(self, number: int) -> None:
        from backlinkbot.archives.faults import MiningCounts  # noqa: PLC0415 - as above

        self._number = number
        self._done = 0
        self._total: MiningCounts = MiningCounts()
        self.failed = 0

    def tell(self, task: Task) -> None:
        """Says what became of one archive."""
        from backlinkbot.text.csv_escaping import one_line  # noqa: PLC0415 - as above

        self._done += 1
        name = f"{self._done}/{self._number} {one_line(task.archive)}"
        if task.failure:
            self.failed += 1
            sys.stderr.write(f"{name}: not read: {one_line(task.failure, 300)}\n")
            return
        self._total.add(task.counts)
        before = "read before: " if task.was_done else ""
        sys.stderr.write(f"{name}: {before}{_figures(task.counts)}\n")
        sys.stderr.writelines(f"  {one_line(example, 300)}\n" for example in task.counts.examples)

    def end(self, rows: int | None) -> None:
        """Says what was found in all."""
        if self._number > 1:
            failed = f", {self.failed:,} not read" if self.failed else ""
            sys.stderr.write(f"all {self._number:,} archives: {_figures(self._total)}{failed}\n")
        if rows is not None and rows < self._total.rows:
            sys.stderr.write(f"{self._total.rows - rows:,} rows stood in several archives, and are written once\n")


def _figures(counts: MiningCounts) -> str:
    said = f"{counts.records:,} records, {counts.pages:,} pages with {counts.rows:,} links"
    if counts.skipped:
        said += f", passed over: {_reasons(counts.skipped)}"
    return said + (f", faults: {_reasons(counts.faults)}" if counts.faults else "")


def _reasons(counted: Any) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in counted.most_common())
