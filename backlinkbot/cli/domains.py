"""``backlinkbot domains``: lists the domains that link to targets by a web graph of Common Crawl."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.configured import configured_values
from backlinkbot.cli.export import ENDINGS, write
from backlinkbot.cli.output import add_format, columns_for, print_answer
from backlinkbot.cli.parser import CONFIGURATION, add_option
from backlinkbot.errors import UsageError
from backlinkbot.option_table import OPTIONS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.cli.parser import Commands
    from backlinkbot.commoncrawl.graph import GraphLinks
    from backlinkbot.commoncrawl.referring_domains import ReferringDomain
    from backlinkbot.targets import Targets

_NAME: Final = "domains"
_CANDIDATES: Final = (".jsonl", ".jl", ".csv")


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        _NAME,
        help="list the domains that link to the targets by a web graph of Common Crawl",
        epilog="exit status: 0 done, 1 not done, 2 usage",
    )
    options = {option.name: option for option in OPTIONS if _NAME in option.spiders}
    parser.add_argument("targets", metavar="TARGET", nargs="*", help=options.pop("targets").help_text)
    for name, option in options.items():
        if name not in CONFIGURATION:
            add_option(parser, option)
    parser.add_argument("--unfold", action="store_true", help="a row for each domain of a platform, too")
    add_format(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help=f"write a file instead: {', '.join(ENDINGS)}")
    parser.set_defaults(run=run)


def run(arguments: Namespace, parser: ArgumentParser) -> int:
    """Reads the graphs; prints or writes the domains; returns the exit status.

    Raises:
        UsageError: an option is wrong, or there is no such graph.
        DownloadError: a graph cannot be downloaded.
        OutputError: a file cannot be written.
    """
    from backlinkbot.commoncrawl.referring_domains import COLUMNS, referring_domains  # noqa: PLC0415
    from backlinkbot.options import named_targets  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.reports.exports.tables import values  # noqa: PLC0415
    from backlinkbot.targets import Targets  # noqa: PLC0415

    options = configured_values(_NAME, arguments, os.environ)
    if not options["targets"]:
        parser.error("name a target: backlinkbot domains example.com --graph GRAPH")
    if not options["graphs"]:
        from backlinkbot.commoncrawl.releases import cost  # noqa: PLC0415

        parser.error(f"name a graph: --graph RELEASE, a folder, a file or a URL. {cost()}")
    candidates = _check_outputs(arguments, options)
    columns = columns_for(arguments, COLUMNS)
    names, aliases = named_targets(options["targets"], options["aliases"])
    targets = Targets.parse(names, aliases)
    graphs = read_graphs(options["graphs"], targets, str(options["graph_index"]))

    def rows() -> Iterator[ReferringDomain]:  # anew for each output
        return referring_domains(graphs, targets, unfold=arguments.unfold)

    if candidates:
        _write_candidates(candidates, rows(), graphs, targets)
    if arguments.output:
        write(arguments.output, columns, values(rows(), columns))
    elif not candidates:
        print_answer(arguments.format, map(asdict, rows()), columns)
    _say_what_was_found(graphs, targets)
    return 0


def _check_outputs(arguments: Namespace, options: dict[str, Any]) -> str:
    """Returns the file of candidates, empty for none; raises UsageError where a file cannot be written as it is named."""
    from backlinkbot.files.atomic import check_writable  # noqa: PLC0415 - as above

    candidates = str(options["candidates_out"])
    if candidates and Path(candidates).suffix.lower() not in _CANDIDATES:
        raise UsageError(f"--candidates-out {candidates}: the file must end in one of {', '.join(_CANDIDATES)}")
    output = arguments.output
    if output not in {None, "-"} and Path(output).suffix.lower() not in ENDINGS:
        raise UsageError(f"-o {output}: unknown format; the file must end in one of {', '.join(ENDINGS)}")
    for name in (candidates, output):
        if name not in {None, "", "-"}:
            check_writable(Path(name))
    return candidates


def read_graphs(names: Sequence[str], targets: Targets, index: str = "") -> list[GraphLinks]:
    """Reads the graphs one after the other, with its progress on standard error.

    Args:
        names: the graphs, as the user wrote them.
        targets: the targets.
        index: the folder of local indexes; empty for none.

    Raises:
        UsageError: there is no such graph, or it cannot be indexed.
        DownloadError: a file cannot be downloaded.
        OutputError: an index cannot be written.
    """
    from backlinkbot.commoncrawl.graph_index import has_index, read_graph_or_index  # noqa: PLC0415 - as above
    from backlinkbot.commoncrawl.graph_index_builder import estimated_size  # noqa: PLC0415
    from backlinkbot.commoncrawl.releases import find_graph  # noqa: PLC0415
    from backlinkbot.options import cache_folder_of  # noqa: PLC0415
    from backlinkbot.text.csv_escaping import one_line  # noqa: PLC0415

    found = []
    cache = cache_folder_of(os.environ.get("BACKLINKBOT_CACHE_DIR"))
    for files in [find_graph(name) for name in names]:
        progress = GraphProgress(files.name)
        if index and not has_index(files, Path(index)):
            sys.stderr.write(f"{files.name}: an index of it is made in {index}: {estimated_size(files)}\n")
        found.append(read_graph_or_index(files, targets, progress.tell, Path(index) if index else None, cache))
        if found[-1].resumed_at:
            sys.stderr.write(
                f"{files.name}: an earlier pass had read {_megabytes(found[-1].resumed_at)} of the edges\n"
            )
        progress.end()
        sys.stderr.writelines(f"backlinkbot: {one_line(fault, 300)}\n" for fault in found[-1].faults)
    return found


def _write_candidates(
    output: str, rows: Iterable[ReferringDomain], graphs: Sequence[GraphLinks], targets: Targets
) -> None:
    from backlinkbot.cli import import_outputs  # noqa: PLC0415 - as above
    from backlinkbot.commoncrawl.referring_domains import candidates_of  # noqa: PLC0415
    from backlinkbot.importers.merging import Merger  # noqa: PLC0415

    periods = {graph.release: graph.period for graph in graphs}
    with Merger() as merger:
        number = 0
        for candidate in candidates_of(rows, periods, targets):
            merger.add(candidate)
            number += 1
        kept = import_outputs.keep(merger.lines(), number, files=[], history="", output=output)
    sys.stderr.write(f"{output}: {kept.count:,} candidates; domains of platforms are none\n")


def _say_what_was_found(graphs: Sequence[GraphLinks], targets: Targets) -> None:
    for graph in graphs:
        said = f"{graph.release}: {len(graph.domains):,} of {graph.total:,} domains link to the targets"
        sys.stderr.write(f"{said}; a link of a graph is evidence that only a visit confirms\n")
    absent = [target.name for target in targets if not any(target.name in graph.linking for graph in graphs)]
    if absent:
        said = ", ".join(absent[:5]) + (f" and {len(absent) - 5:,} more" if len(absent) > 5 else "")
        sys.stderr.write(f"not in the graph, so nothing is known of links to them: {said}\n")
    wider = [target.name for target in targets if any(target.name in graph.wider for graph in graphs)]
    if wider:
        said = ", ".join(wider[:5]) + (f" and {len(wider) - 5:,} more" if len(wider) > 5 else "")
        sys.stderr.write(f"in the graph by their registrable domain only: {said}\n")


class GraphProgress:
    """Says on standard error what is read of a graph: on a terminal one line that is renewed, else a line for each part."""

    EVERY: Final = 0.5
    """Seconds between two looks of the line."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._what = ""
        self._read = self._size = 0
        self._began = self._said = 0.0
        self._is_live = sys.stderr.isatty()

    def tell(self, what: str, read: int, size: int) -> None:
        """Counts bytes that were read."""
        now = monotonic()
        if what != self._what:
            self.end()
            self._what, self._read, self._began = what, 0, now
        self._read += read
        self._size = size
        if self._is_live and now - self._said >= self.EVERY:
            self._said = now
            sys.stderr.write(f"\r{self._line(now)}\x1b[K")
            sys.stderr.flush()

    def end(self) -> None:
        """Ends the line of the part that was read last."""
        if self._what:
            start = "\r" if self._is_live else ""
            end = "\x1b[K" if self._is_live else ""
            sys.stderr.write(f"{start}{self._line(monotonic())}{end}\n")
        self._what = ""

    def _line(self, now: float) -> str:
        passed = max(now - self._began, 1e-3)
        line = f"{self._name}: {self._what}: {_megabytes(self._read)}"
        if self._size > self._read:
            left = (self._size - self._read) * passed / max(self._read, 1)
            return f"{line} of {_megabytes(self._size)}, {left / 60:.0f} min left"
        return f"{line} in {passed:,.0f} s"


def _megabytes(size: int) -> str:
    return f"{size / 1e9:,.2f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
