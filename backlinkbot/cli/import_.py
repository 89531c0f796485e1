"""``backlinkbot import``: converts files of links from other tools into one list of candidates."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from backlinkbot.cli import import_explanation, import_outputs
from backlinkbot.cli.output import history_of
from backlinkbot.cli.row_source import HISTORY, HISTORY_VARIABLE
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from backlinkbot.cli.parser import Commands
    from backlinkbot.importers import Reading
    from backlinkbot.importers.outcomes import BadRow, FileReport
    from backlinkbot.items import Candidate

ENDINGS: Final = (".jsonl", ".jl", ".csv")
_SHOWN: Final = 3
"""Bad rows per file that are printed; further ones are only counted."""


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "import",
        help="read exports, logs, lists and archives into one list of candidates",
        epilog="exit status: 0 done, 1 not written, 2 usage, or a file of unknown format",
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="files in any of --formats, also compressed, in a zip, or XLSX"
    )
    parser.add_argument(
        "--as", metavar="FORMAT", dest="as_format", default="", help="their format, if it is not recognised correctly"
    )
    parser.add_argument(
        "--target", metavar="TARGET", action="append", default=[], help="skip links to anything else; repeatable"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="", help=f"{', '.join(ENDINGS)}; - for JSONL to stdout"
    )
    parser.add_argument(
        "--history",
        metavar="URL",
        nargs="?",
        const="",
        default=None,
        help=f"store them in a history, too, for claims, recheck, --unvisited; default {HISTORY_VARIABLE}, else {HISTORY}",
    )
    parser.add_argument("--bad", metavar="FILE", default="", help="the rows that could not be read: .csv")
    parser.add_argument(
        "--explain",
        action="store_true",
        help=f"show what is read from which column, and the first {import_explanation.SHOWN} rows as they are understood",
    )
    parser.add_argument(
        "--map",
        metavar="NAME=COLUMN,...",
        action="append",
        default=[],
        help="columns of a table, by header or number: source=COLUMN,target=COLUMN; repeatable",
    )
    parser.add_argument("--formats", action="store_true", help="list the formats and what each is recognised by")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, and no line a minute")
    parser.set_defaults(run=run)


def run(arguments: Namespace, parser: ArgumentParser) -> int:
    """Reads the files, prints a summary, stores the candidates; returns the exit status.

    Raises:
        UsageError: a file has an unknown format, or the flags contradict each other.
        OutputError: a file or the history cannot be written.
    """
    if arguments.formats:
        _print_formats()
        return 0
    if not arguments.files:
        parser.error("name a file to import, or --formats")
    output = _output(arguments.output, ENDINGS, "-o")
    bad = _output(arguments.bad, (".csv",), "--bad")
    _check(arguments, (output, bad))
    _import(arguments, bad)
    return 0


def _print_formats() -> None:
    from backlinkbot.importers.formats.catalogue import FORMATS  # noqa: PLC0415 - imported when the command runs

    width = max(len(entry.name) for entry in FORMATS)
    sys.stdout.writelines(f"{entry.name:{width}}  {entry.title}\n" for entry in FORMATS)


def _check(arguments: Namespace, files: Iterable[Path | None]) -> None:
    """Raises for invalid options before anything is read."""
    from backlinkbot.files.atomic import check_writable  # noqa: PLC0415
    from backlinkbot.importers.formats.catalogue import BY_NAME  # noqa: PLC0415 - as above

    if arguments.as_format and arguments.as_format not in BY_NAME:
        raise UsageError(f"--as {arguments.as_format}: no such format; `backlinkbot import --formats` lists them")
    for path in filter(None, files):
        check_writable(path)


def _import(arguments: Namespace, bad: Path | None) -> None:
    from backlinkbot.importers import Reading  # noqa: PLC0415 - as above
    from backlinkbot.importers.column_map import parse_map  # noqa: PLC0415
    from backlinkbot.importers.merging import Merger  # noqa: PLC0415
    from backlinkbot.items import Candidate  # noqa: PLC0415
    from backlinkbot.targets import Targets  # noqa: PLC0415

    targets = Targets.parse(arguments.target) if arguments.target else None
    mapping = parse_map(arguments.map)
    is_kept = bool(arguments.output) or arguments.history is not None
    with Merger() as merger:
        examples: dict[str, list[BadRow]] = {}
        understood: dict[str, list[Candidate]] = {}
        with _progress(arguments) as tell, _bad_rows(bad) as write_bad:
            reading = Reading(
                arguments.files, as_format=arguments.as_format, targets=targets, mapping=mapping, tell=tell
            )
            if arguments.history is not None:
                import_outputs.check(history_of(arguments))
            for outcome in reading:
                if isinstance(outcome, Candidate):
                    if len(first := understood.setdefault(reading.reports[-1].file, [])) < import_explanation.SHOWN:
                        first.append(outcome)
                    if is_kept:
                        merger.add(outcome)
                else:
                    write_bad(outcome)
                    if len(shown := examples.setdefault(outcome.file, [])) < _SHOWN:
                        shown.append(outcome)
        said = sys.stderr if arguments.output == "-" else sys.stdout
        _write_reports(said, reading, examples, understood if arguments.explain else None)
        if is_kept:
            history = history_of(arguments) if arguments.history is not None else ""
            most = sum(report.candidates for report in reading.reports)
            kept = import_outputs.keep(
                merger.lines(),
                most,
                files=arguments.files,
                history=history,
                output=arguments.output,
                is_quiet=arguments.quiet,
            )
            unfit = f"; {kept.unfit:,} name no page, and are not kept there" if kept.unfit else ""
            for name, more in (("history" if history else "", unfit), (arguments.output, "")):
                if name:
                    said.write(f"{name}: {kept.count:,} candidates, each page and domain once{more}\n")


def _output(name: str, endings: tuple[str, ...], flag: str) -> Path | None:
    """Returns the path to write to; None for no file, or for standard output."""
    if not name or (name == "-" and flag == "-o"):
        return None
    if Path(name).suffix.lower() not in endings:
        raise UsageError(f"{flag} {name}: unknown format; the file must end in {', '.join(endings)}")
    return Path(name)


@contextmanager
def _progress(arguments: Namespace) -> Iterator[Callable[[int], None]]:
    """A context manager with a function that takes the number of bytes that were read."""
    from backlinkbot.terminal.progress_line import ProgressLine  # noqa: PLC0415 - imported when the command runs

    total = sum(path.stat().st_size for path in map(Path, arguments.files) if path.is_file())
    with ProgressLine("reading", total, is_quiet=arguments.quiet) as progress:
        yield progress.advance


@contextmanager
def _bad_rows(path: Path | None) -> Iterator[Callable[[BadRow], None]]:
    """A context manager with a function that writes bad rows to the file, if there is one."""
    if path is None:
        yield lambda _row: None
        return
    from backlinkbot.files.atomic import whole_file  # noqa: PLC0415
    from backlinkbot.text.csv_escaping import guard, one_line  # noqa: PLC0415 - as above

    with whole_file(path) as file:
        text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
        writer = csv.writer(text)
        writer.writerow(("file", "row", "reason", "text"))
        yield lambda row: writer.writerow((guard(row.file), row.row, row.reason, guard(one_line(row.text, 200))))
        text.detach()  # whole_file closes the file


def _write_reports(
    file: IO[str],
    reading: Reading,
    examples: Mapping[str, Sequence[BadRow]],
    understood: Mapping[str, Sequence[Candidate]] | None,
) -> None:
    from backlinkbot.text.csv_escaping import one_line  # noqa: PLC0415 - as above

    for report in reading.reports:
        if report.format is None:
            file.write(f"{one_line(report.file)}: skipped, unknown format: {one_line(report.why)}\n")
            continue
        file.write(f"{one_line(report.file)}: {report.format.name}, by {one_line(report.why, 300)}\n")
        if understood is not None:
            said = import_explanation.lines(report, understood.get(report.file, ()))
            file.writelines(f"  {line}\n" for line in said)
        file.write(f"  {_figures(report)}\n")
        file.writelines(
            f"  row {row.row}: {row.reason}: {one_line(row.text, 100)!r}\n" for row in examples.get(report.file, ())
        )
    if len(reading.reports) > 1:
        file.write(f"all {len(reading.reports)} files: {_figures(_total(reading.reports))}\n")


def _figures(report: FileReport) -> str:
    skipped, bad = report.skipped.total(), report.bad.total()
    return (
        f"{report.rows:,} rows: {report.candidates:,} candidates ({report.seeds:,} domains, {report.lost:,} lost links), "
        f"{skipped:,} passed over{_reasons(report.skipped)}, {bad:,} bad{_reasons(report.bad)}"
    )


def _reasons(counted: Counter[str]) -> str:
    return f" ({', '.join(f'{count:,} {reason}' for reason, count in counted.most_common())})" if counted else ""


def _total(reports: Iterable[FileReport]) -> FileReport:
    from backlinkbot.importers.outcomes import FileReport  # noqa: PLC0415 - as above

    total = FileReport(file="", format=None, why="")
    for report in reports:
        for name in ("rows", "candidates", "seeds", "lost"):
            setattr(total, name, getattr(total, name) + getattr(report, name))
        total.skipped += report.skipped
        total.bad += report.bad
    return total
