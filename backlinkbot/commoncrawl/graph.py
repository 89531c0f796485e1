"""Finds the domains that link to targets in a domain or host graph: one pass over its files, for all targets together.

A graph is text: ``vertices`` has a line for each domain, with a number, the name in reverse order (``com.example``) and, of
domains, how many hosts it has; ``edges`` has a line for each pair of domains of which one links to the other, by number. An edge
is evidence and no backlink: images, scripts and redirects make edges, too (https://commoncrawl.org/web-graphs).

While the edges are read, the state of the pass is saved on disk; nothing else is. Memory holds four bytes for each edge to a target,
and the names of the linking domains.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from backlinkbot import urls
from backlinkbot.commoncrawl.domain_table import DomainTable, NameFinder, NumberSet
from backlinkbot.commoncrawl.edge_scanner import edge_scanner
from backlinkbot.commoncrawl.gzip_text import StaleError
from backlinkbot.commoncrawl.interrupted_pass import InterruptedPass, read_state, state_file, write_state
from backlinkbot.commoncrawl.line_blocks import LineBlocks
from backlinkbot.commoncrawl.text_arrays import HAS_NUMPY
from backlinkbot.commoncrawl.vertex_columns import vertex_columns
from backlinkbot.errors import OutputError, UsageError
from backlinkbot.files.resumed_download import DownloadError
from backlinkbot.prefilter import CellScanner
from backlinkbot.targets import Scope

if HAS_NUMPY:
    import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from backlinkbot.commoncrawl.releases import GraphFiles
    from backlinkbot.commoncrawl.resume_points import ResumePoint
    from backlinkbot.targets import Targets

    Tell: TypeAlias = Callable[[str, int, int], None]
    """Called with the name of what is read, the bytes since the last call, and the size as far as it is known."""

_MOST_SCANNED: Final = 20_000
"""Up to so many names are looked for by one scan of the ranks; more of them line by line."""


@dataclass(slots=True)
class GraphLinks:
    """The links to the targets in a graph."""

    release: str
    period: tuple[str, str] = ("", "")
    total: int = 0
    """The domains of the graph."""
    domains: DomainTable = field(default_factory=DomainTable)
    """The linking domains by number."""
    linking: dict[str, Sequence[int]] = field(default_factory=dict)
    """Target -> the numbers of the domains that link to it, each once, ascending; only of targets that are in the graph."""
    wider: set[str] = field(default_factory=set)
    """Targets whose registrable domain alone is in the graph: an edge may lead to another host of it."""
    faults: list[str] = field(default_factory=list)
    resumed_at: int = 0
    """Bytes of the edges that an earlier, interrupted pass had read."""


def reversed_name(host: str) -> bytes:
    """Returns a host's labels in reverse order, as graphs have them."""
    return ".".join(reversed(host.split("."))).encode()


def read_graph(files: GraphFiles, targets: Targets, tell: Tell, cache: Path | None = None) -> GraphLinks:
    """Reads which domains link to the targets.

    Args:
        files: the graph.
        targets: what the links lead to.
        tell: called with the name of what is read, the bytes since the last call, and the size as far as it is known.
        cache: the folder in which the state of the pass is saved, so that the next pass continues an interrupted one; None for
            none.

    Raises:
        UsageError: there is no such file, or it is no part of a graph.
        DownloadError: a file cannot be downloaded.
    """
    state = state_file(cache, files, targets) if cache is not None else None
    try:
        links, sources = _find_links(files, targets, tell, state)
    except StaleError:
        links, sources = _find_links(files, targets, tell, None)
    if state is not None and not links.faults:  # the next run continues an interrupted download
        state.unlink(missing_ok=True)
    linking = NumberSet(links.total)
    for ids in sources.values():
        linking.update(ids)
    wanted = linking.ascending()
    _name(files, wanted, tell, links)
    if len(links.domains) < len(wanted):
        links.faults.append(f"{len(wanted) - len(links.domains):,} linking domains have no name in the vertices")
        sources = {target: [number for number in ids if number in links.domains] for target, ids in sources.items()}
    links.linking = sources
    if files.ranks and links.domains:
        try:
            _rank(files.ranks, tell, links)
        except DownloadError as error:  # the domains are there, only their order is not
            links.faults.append(str(error))
    return links


def _find_links(
    files: GraphFiles, targets: Targets, tell: Tell, state: Path | None
) -> tuple[GraphLinks, dict[str, Sequence[int]]]:
    """Reads vertices and edges; returns the graph without the linking domains, and their numbers by target."""
    links = GraphLinks(release=files.name, period=files.period)
    earlier = read_state(state) if state is not None else None
    if earlier is None:
        numbers = _find_targets(files, targets, tell, links)
    else:
        numbers = {target: set(own) for target, own in earlier.numbers.items()}
        links.wider, links.total, links.resumed_at = set(earlier.wider), earlier.total, earlier.point.offset
    return links, _find_sources(files, numbers, tell, links, _PassState(state, earlier))


@dataclass(frozen=True, slots=True)
class _PassState:
    """The state of a pass."""

    file: Path | None
    """The file in which it is saved; None for none."""
    earlier: InterruptedPass | None
    """The state that an earlier pass saved there."""


def _blocks(names: Sequence[str], what: str, tell: Tell, links: GraphLinks) -> Iterator[bytes]:
    yield from _with_faults(LineBlocks(names, lambda read, size: tell(what, read, size)), links)


def _with_faults(blocks: LineBlocks, links: GraphLinks) -> Iterator[bytes]:
    """Yields the blocks, and adds their faults to those of the graph."""
    yield from blocks
    links.faults.extend(fault for fault in blocks.faults if fault not in links.faults)


# --- vertices: the numbers of the targets ---


def _find_targets(files: GraphFiles, targets: Targets, tell: Tell, links: GraphLinks) -> dict[str, set[int]]:
    """Returns target -> the numbers of its names in the graph."""
    exact: dict[str, set[int]] = {}
    wider: dict[str, set[int]] = {}
    keys: list[bytes] = []
    targets_of: dict[bytes, list[tuple[str, bool]]] = {}
    scanner: CellScanner | None = None
    for block in _blocks(files.vertices, "vertices", tell, links):
        if scanner is None:
            targets_of = keys_of(targets, is_of_domains=_is_of_domains(block, files.vertices[0]))
            keys = list(targets_of)
            scanner = CellScanner(keys)
        links.total = max(links.total, _last_number(block) + 1)
        for key, end in scanner.places_in(block):
            number = _number_before(block, end - len(keys[key]))
            for target, is_wider in targets_of[keys[key]]:
                (wider if is_wider else exact).setdefault(target, set()).add(number)
    links.wider = wider.keys() - exact.keys()
    return wider | exact


def _is_of_domains(block: bytes, name: str) -> bool:
    """True if the vertices are domains, whose lines have a third cell.

    Raises:
        UsageError: these are no vertices.
    """
    cells = block[: block.index(b"\n")].split(b"\t")
    if len(cells) not in {2, 3} or not cells[0].isdigit() or cells[1].isdigit():
        raise UsageError(f"{name}: these are no vertices of a graph; a line should be like 17, a tab, com.example")
    return len(cells) == 3


def keys_of(targets: Targets, *, is_of_domains: bool) -> dict[bytes, list[tuple[str, bool]]]:
    """Returns the cells that name targets in the vertices, with the characters before and after each, and their targets.

    Each target is paired with true if the cell is only its registrable domain. A cell that ends with a dot is the beginning of the
    names of subdomains.

    Releases differ in whether ``www.example.com`` is ``com.example`` or ``com.example.www``, so both are looked for.
    """
    end = b"\t" if is_of_domains else b"\n"
    targets_of: dict[bytes, dict[tuple[str, bool], None]] = {}
    for target in targets:
        for place in target.places:
            name = reversed_name(place.host.removeprefix("www."))
            cells = [name + end, name + b".www" + end]
            cells += [reversed_name(place.host) + b"."] if place.scope is Scope.SUBDOMAINS else []
            for cell in cells:
                targets_of.setdefault(b"\t" + cell, {})[target.name, False] = None
            domain = urls.registrable_domain(place.host)
            if is_of_domains and domain != place.host:
                targets_of.setdefault(b"\t" + reversed_name(domain) + end, {})[target.name, True] = None
    return {cell: list(own) for cell, own in targets_of.items()}


def _number_before(block: bytes, tab: int) -> int:
    """Returns the number at the beginning of the line that contains a tab."""
    line = block[block.rfind(b"\n", 0, tab) + 1 : tab]
    try:
        return int(line.split(b"\t", 1)[0])
    except ValueError:
        raise UsageError(f"this is no graph: a line begins with {line[:40]!r}, not with a number") from None


def _last_number(block: bytes) -> int:
    return _number_before(block, block.index(b"\t", block.rfind(b"\n", 0, len(block) - 1) + 1))


# --- edges: the numbers of the domains that link ---


def _find_sources(
    files: GraphFiles, numbers: Mapping[str, set[int]], tell: Tell, links: GraphLinks, state: _PassState
) -> dict[str, Sequence[int]]:
    """Returns target -> the numbers of the domains that link to it, without its own."""
    wanted = sorted({number for own in numbers.values() for number in own})
    if not wanted:
        return {}
    scanner = edge_scanner(wanted)

    def save(file: Path, point: ResumePoint) -> None:
        if links.faults:
            return
        scanner.finish()
        own = {target: sorted(own_numbers) for target, own_numbers in numbers.items()}
        with suppress(OutputError):  # the pass does not need its state unless it is interrupted
            write_state(file, InterruptedPass(own, sorted(links.wider), links.total, point, scanner.linking))

    earlier = state.earlier
    if earlier is not None:
        for sources, saved in zip(scanner.linking, earlier.linking, strict=True):
            sources.extend(saved)
    blocks = LineBlocks(
        files.edges,
        lambda read, size: tell("edges", read, size),
        save=partial(save, state.file) if state.file is not None else None,
        start=earlier.point if earlier is not None else None,
    )
    for block in _with_faults(blocks, links):
        scanner.scan(block)
    scanner.finish()
    by_number = dict(zip(wanted, scanner.linking, strict=True))
    return {target: joined([by_number[number] for number in own], own) for target, own in numbers.items()}


def joined(lists: list[array[int]], own: set[int]) -> Sequence[int]:
    """Returns the numbers of all lists, ascending, each once, without the target's own."""
    if HAS_NUMPY:
        together = np.concatenate([np.frombuffer(one, np.uint32) for one in lists])
        if not (together[:-1] < together[1:]).all():
            together = np.unique(together)
        return array("I", together[~np.isin(together, np.array(sorted(own), np.uint32))].tobytes())
    if len(lists) == 1 and all(one < other for one, other in pairwise(lists[0])):
        numbers = lists[0]
    else:
        numbers = array("I", sorted({number for one in lists for number in one}))
    return array("I", (number for number in numbers if number not in own)) if own.intersection(numbers) else numbers


# --- vertices again: the names of these domains; and their ranks ---


def _name(files: GraphFiles, wanted: array[int], tell: Tell, links: GraphLinks) -> None:
    if not wanted:
        return
    for block in _blocks(files.vertices, "names", tell, links):
        first, last = int(block[: block.index(b"\t")]), _last_number(block)
        here = wanted[bisect_left(wanted, first) : bisect_right(wanted, last)]
        if not here:
            continue
        if HAS_NUMPY and _name_at_once(block, first, here, links.domains):
            continue
        lines = block.split(b"\n")
        if last - first != len(lines) - 2:  # numbers are missing
            by_number = {int(line.split(b"\t", 1)[0]): line for line in lines if line}
            cells = [by_number[number].split(b"\t") for number in here if number in by_number]
        else:
            cells = [lines[number - first].split(b"\t") for number in here]
        for number, name, *hosts in cells:
            links.domains.add(int(number), name, int(hosts[0]) if hosts and hosts[0].isdigit() else 0)


def _name_at_once(block: bytes, first: int, wanted: array[int], domains: DomainTable) -> bool:
    """Adds the wanted domains of a block of vertices; false if its vertices are not numbered consecutively.

    Args:
        block: whole lines.
        first: the number of the first vertex.
        wanted: the numbers of the wanted domains, all within the block.
        domains: the table to which they are added.
    """
    vertices = vertex_columns(block, first)
    rows = np.frombuffer(wanted, np.uint32).astype(np.intp) - first
    if vertices is None or int(rows[-1]) >= len(vertices):
        return False
    named = vertices.rows(rows)
    domains.extend(wanted.tobytes(), named.names().tobytes(), named.lengths().tolist(), named.hosts().tobytes())
    return True


def _rank(name: str, tell: Tell, links: GraphLinks) -> None:
    """Adds the positions of the domains by harmonic centrality.

    Raises:
        UsageError: this is no rank file.
    """
    table = links.domains
    scanner: CellScanner | None = None
    finder: NameFinder | None = None
    names: list[bytes] = []
    for block in _blocks([name], "ranks", tell, links):
        if scanner is None and finder is None:
            end = end_of_names(block, name)
            if len(table) > _MOST_SCANNED:
                finder = NameFinder(table)
            else:
                names = list(table.names())
                scanner = CellScanner([b"\t" + one + end for one in names])
        if scanner is not None:
            for at, stop in scanner.places_in(block):
                cells = block[block.rfind(b"\n", 0, stop - 1) + 1 : stop - 1].split(b"\t", 5)
                if len(cells) > 4 and cells[4] == names[at]:
                    table.rank(at, int(cells[0]))
        elif finder is not None:
            for line in block.split(b"\n"):
                cells = line.split(b"\t", 5)
                place = finder.find(cells[4]) if len(cells) > 4 else None
                if place is not None:
                    table.rank(place, int(cells[0]))


def end_of_names(block: bytes, file: str) -> bytes:
    """Returns the character after each name of a rank file, by its header; raises UsageError if this is no rank file."""
    header = block[: block.index(b"\n")].split(b"\t")
    if header[0] != b"#harmonicc_pos" or header[4:5] != [b"#host_rev"]:
        raise UsageError(f"{file}: no rank file of Common Crawl: its header lacks #harmonicc_pos and #host_rev")
    return b"\t" if len(header) > 5 else b"\n"
