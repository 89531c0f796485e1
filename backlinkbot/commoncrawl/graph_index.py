"""A local index of a web graph, by which the domains that link to a target are found without reading the graph again.

It is made in one pass over vertices, edges and ranks. The edges are sorted by the domain that they lead to in parts on disk, so that
memory stays bounded, and stored as the numbers of the linking domains, in four bytes each. Beside them lie the names, the places where
each name and each domain's edges end, hosts and ranks, each a plain array in the byte order of this machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sys
import tempfile
from array import array
from bisect import bisect_left
from dataclasses import asdict, dataclass
from operator import lt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.commoncrawl.edge_scanner import read_edges
from backlinkbot.commoncrawl.graph import GraphLinks, end_of_names, joined, keys_of, read_graph
from backlinkbot.commoncrawl.interrupted_pass import identity_of
from backlinkbot.commoncrawl.line_blocks import LineBlocks, is_remote
from backlinkbot.commoncrawl.releases import GIGABYTES
from backlinkbot.commoncrawl.text_arrays import HAS_NUMPY, TextArrays
from backlinkbot.errors import UsageError
from backlinkbot.files.atomic import said_plainly

if HAS_NUMPY:
    import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO, Self

    import numpy.typing as npt

    from backlinkbot.commoncrawl.graph import Tell
    from backlinkbot.commoncrawl.releases import GraphFiles
    from backlinkbot.commoncrawl.text_arrays import Numbers
    from backlinkbot.targets import Targets

_VERSION: Final = 1
_MANIFEST: Final = "index.json"
_NAMES, _NAME_ENDS, _HOSTS, _RANKS = "names", "name-ends", "hosts", "ranks"
_SOURCES, _SOURCE_ENDS = "sources", "source-ends"
_LOW_BITS: Final = 16
"""Bits of a domain's number by which the edges of a part are sorted; the others say which part it is."""
_MOST_SORTED: Final = 3_000_000
"""Edges that are sorted at once: some 60 MB."""
_HASH_PARTS: Final = 256
_LONGEST_NAME: Final = 512

# What a graph makes, for the estimate: bytes of gzipped text for each vertex and edge of a release of Common Crawl, and
# of the index and of what is sorted meanwhile.
_GZIPPED_VERTEX, _GZIPPED_EDGE = 6.9, 3.4
_TEXT_VERTEX, _TEXT_EDGE = 28.0, 17.2
_INDEX_VERTEX, _INDEX_EDGE = 42.0, 4.0
_SORTED_VERTEX, _SORTED_EDGE = 24.0, 6.0


@dataclass(frozen=True, slots=True)
class IndexSize:
    """Estimated bytes of an index, and of what else lies on the disk while it is made."""

    index: int
    sorted: int

    def __str__(self) -> str:
        both = self.index + self.sorted
        return f"about {self.index / 1e9:,.1f} GB, and {both / 1e9:,.1f} GB while it is made"


def estimated_size(files: GraphFiles) -> IndexSize:
    """Estimates the size of the index of a graph from the sizes of its files."""
    vertices = _size_of(files.vertices, "vertices")
    edges = _size_of(files.edges, "edges")
    count = vertices / (_GZIPPED_VERTEX if files.vertices[0].lower().endswith(".gz") else _TEXT_VERTEX)
    links = edges / (_GZIPPED_EDGE if files.edges[0].lower().endswith(".gz") else _TEXT_EDGE)
    return IndexSize(
        round(count * _INDEX_VERTEX + links * _INDEX_EDGE), round(count * _SORTED_VERTEX + links * _SORTED_EDGE)
    )


def _size_of(names: Sequence[str], part: str) -> float:
    return sum(GIGABYTES[part] * 1e9 if is_remote(name) else Path(name).stat().st_size for name in names)


@dataclass(frozen=True, slots=True)
class _Manifest:
    release: str
    period: tuple[str, str]
    domains: int
    edges: int
    is_of_domains: bool
    """True if the vertices are domains, false if they are hosts."""
    has_dot: bool
    """True if the names are sorted as if a dot stood behind each, as Common Crawl sorts domains."""
    version: int = _VERSION
    byte_order: str = sys.byteorder


def index_folder(files: GraphFiles, folder: Path) -> Path:
    """Returns where the index of a graph lies: a folder that is named by its release and a hash of its files."""
    digest = hashlib.sha256(json.dumps([_VERSION, sys.byteorder, identity_of(files)]).encode()).hexdigest()
    return folder / f"{files.name}.{digest[:12]}"


def read_graph_or_index(
    files: GraphFiles, targets: Targets, tell: Tell, index: Path | None, cache: Path | None = None
) -> GraphLinks:
    """Returns which domains link to the targets: by the graph, or by its index where there is a folder for that.

    Args:
        files: the graph.
        targets: the targets.
        tell: called with the name of what is read, the bytes since the last call, and the size as far as it is known.
        index: the folder of indexes; None for none.
        cache: the folder in which a pass over the graph keeps how far it is; None to keep nothing.

    Raises:
        UsageError: there is no such graph, or it cannot be indexed.
        DownloadError: a file cannot be downloaded.
        OutputError: the index cannot be written.
    """
    if index is not None:
        return read_indexed(files, index, targets, tell)
    return read_graph(files, targets, tell, cache)


def read_indexed(files: GraphFiles, folder: Path, targets: Targets, tell: Tell) -> GraphLinks:
    """Returns which domains link to the targets, from the graph's index; makes that first where there is none.

    Raises:
        UsageError: there is no such graph, or it cannot be indexed.
        DownloadError: a file cannot be downloaded.
        OutputError: the index cannot be written.
    """
    if not HAS_NUMPY:
        raise UsageError('an index of a graph needs NumPy: pip install "backlinkbot[speed]"')
    place = index_folder(files, folder)
    if not (place / _MANIFEST).is_file():
        _make(files, place, tell)
    return GraphIndex(place).links(targets)


def has_index(files: GraphFiles, folder: Path) -> bool:
    """True if the index of a graph is in a folder."""
    return (index_folder(files, folder) / _MANIFEST).is_file()


# --- finding ---


class GraphIndex:
    """Reads an index; of its files only the pages that hold the answer are touched."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder of the index; raises UsageError if there is none in it."""
        self._folder = folder
        try:
            facts: dict[str, Any] = json.loads((folder / _MANIFEST).read_bytes())
            self._manifest = _Manifest(**facts)
            self._name_ends = self._array(_NAME_ENDS, "u8", self._manifest.domains)
            self._names = self._array(_NAMES, "u1", int(self._name_ends[-1]))
            self._source_ends = self._array(_SOURCE_ENDS, "u8", self._manifest.domains)
            self._hosts = self._array(_HOSTS, "u4", self._manifest.domains)
            self._ranks = self._array(_RANKS, "u4", self._manifest.domains)
            no_edges: npt.NDArray[Any] = np.zeros(0, "u4")
            self._sources = self._array(_SOURCES, "u4", self._manifest.edges) if self._manifest.edges else no_edges
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(
                f"{folder}: no whole index of a graph ({error}); delete the folder, and the index is made anew"
            ) from error

    def _array(self, name: str, kind: str, length: int) -> npt.NDArray[Any]:
        """Returns the numbers of a file; raises ValueError if there are not so many."""
        found: npt.NDArray[Any] = np.memmap(self._folder / name, kind, "r")
        if length != len(found):
            raise ValueError(f"{name} has {len(found):,} numbers instead of {length:,}")
        return found

    def links(self, targets: Targets) -> GraphLinks:
        """Returns which domains link to the targets."""
        known = self._manifest
        found = GraphLinks(release=known.release, period=(known.period[0], known.period[1]), total=known.domains)
        exact: dict[str, set[int]] = {}
        wider: dict[str, set[int]] = {}
        for cell, meant in keys_of(targets, is_of_domains=known.is_of_domains).items():
            numbers = self._numbers(cell)
            for target, is_wider in meant if numbers else ():
                (wider if is_wider else exact).setdefault(target, set()).update(numbers)
        found.wider = wider.keys() - exact.keys()
        for target, own in (wider | exact).items():
            lists = [self._linking(number) for number in sorted(own)]
            found.linking[target] = joined(lists, own)
        self._describe(found)
        return found

    def _linking(self, number: int) -> array[int]:
        ends = self._source_ends
        first = int(ends[number - 1]) if number else 0
        return array("I", self._sources[first : int(ends[number])].tobytes())

    def _numbers(self, cell: bytes) -> range:
        """Returns the numbers of the domains that a cell means: a name with what stands around it, or the begin of names."""
        name, end = cell[1:-1], cell[-1:]
        dot = b"." if self._manifest.has_dot else b""
        first = self._place(name + (b"." if end == b"." else dot))
        if end == b".":
            return range(first, self._place(name + b"/"))
        is_there = first < self._manifest.domains and self._name(first) == name
        return range(first, first + is_there)

    def _place(self, key: bytes) -> int:
        """Returns the number of the first domain that is sorted at or behind a key."""
        dot = b"." if self._manifest.has_dot else b""
        return bisect_left(range(self._manifest.domains), key, key=lambda number: self._name(number) + dot)

    def _name(self, number: int) -> bytes:
        start = int(self._name_ends[number - 1]) if number else 0
        return self._names[start : int(self._name_ends[number])].tobytes()

    def _describe(self, found: GraphLinks) -> None:
        """Adds names, hosts and ranks of the linking domains."""
        lists = [np.frombuffer(one, np.uint32) for one in found.linking.values() if isinstance(one, array)]
        numbers = np.unique(np.concatenate(lists)) if lists else np.zeros(0, np.uint32)
        hosts, ranks = self._hosts, self._ranks
        for at in range(0, len(numbers), _MOST_SORTED // 8):
            some = numbers[at : at + _MOST_SORTED // 8]
            ends = self._name_ends[some]
            starts = np.where(some > 0, self._name_ends[some.astype(np.int64) - 1], 0)
            lengths = (ends - starts).astype(np.int64)
            within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            names = self._names[np.repeat(starts.astype(np.int64), lengths) + within]
            found.domains.extend(
                some.tobytes(), names.tobytes(), lengths.tolist(), hosts[some].tobytes(), ranks[some].tobytes()
            )


# --- making ---


def _make(files: GraphFiles, place: Path, tell: Tell) -> None:
    """Makes an index in a folder beside its place, which it takes when it is whole."""
    size = estimated_size(files)
    with said_plainly(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(place.parent).free
        if free < size.index + size.sorted:
            raise UsageError(f"{place.parent}: the index needs {size}; {free / 1e9:,.1f} GB are free")
        part = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent))
    try:
        with said_plainly(place):
            _Maker(files, part, tell).make()
            try:
                part.rename(place)
            except OSError:
                if not (place / _MANIFEST).is_file():  # another process may have made it meanwhile
                    raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


class _Maker:
    """Writes the files of an index."""

    def __init__(self, files: GraphFiles, folder: Path, tell: Tell) -> None:
        self._files = files
        self._folder = folder
        self._tell = tell
        self._multiplier = secrets.randbits(64) | 1
        self._domains = 0
        self._edges = 0
        self._is_of_domains = True
        self._last = b""
        self._is_sorted = {b"": True, b".": True}  # suffix added to each name -> whether the names are sorted with it

    def make(self) -> None:
        with _Parts(self._folder / "hashes", _HASH_PARTS, ("u8", "u4")) as hashes:
            self._write_names(hashes)
            self._write_ranks(hashes)
        with _Parts(self._folder / "edges", (self._domains >> _LOW_BITS) + 1, ("u2", "u4")) as links:
            self._read_edges(links)
            self._write_links(links)
        manifest = _Manifest(
            release=self._files.name,
            period=self._files.period,
            domains=self._domains,
            edges=self._edges,
            is_of_domains=self._is_of_domains,
            has_dot=not self._is_sorted[b""],
        )
        for file in self._folder.iterdir():
            _to_disk(file)
        (self._folder / _MANIFEST).write_text(json.dumps(asdict(manifest)))
        _to_disk(self._folder / _MANIFEST)

    def _blocks(self, names: Sequence[str], what: str) -> Iterator[bytes]:
        """Yields the blocks of files; raises UsageError if one is damaged."""
        blocks = LineBlocks(names, lambda read, size: self._tell(what, read, size))
        yield from blocks
        if blocks.faults:
            raise UsageError(f"no index is made of a part of a graph: {blocks.faults[0]}")

    def _write_names(self, hashes: _Parts) -> None:
        file_of = {name: (self._folder / name).open("wb") for name in (_NAMES, _NAME_ENDS, _HOSTS)}
        length = 0
        try:
            for block in self._blocks(self._files.vertices, "vertices"):
                names, lengths, hosts = self._vertices_of(block)
                ends = np.cumsum(lengths, dtype=np.uint64) + np.uint64(length)
                for name, values in ((_NAMES, names), (_NAME_ENDS, ends), (_HOSTS, hosts)):
                    file_of[name].write(values.tobytes())
                length = int(ends[-1])
                numbers = np.arange(self._domains, self._domains + len(lengths), dtype=np.uint32)
                self._add_hashes(hashes, names, lengths, numbers)
                self._domains += len(lengths)
        finally:
            for file in file_of.values():
                file.close()
        if not self._domains:
            raise UsageError(f"{self._files.vertices[0]}: no index can be made: the vertices name no domain")
        hashes.finish()

    def _vertices_of(self, block: bytes) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
        """Returns the letters of the names, their lengths, and the hosts.

        Raises:
            UsageError: the vertices are not numbered from 0 and sorted by name.
        """
        text = TextArrays(block)
        tabs, ends = text.places(b"\t"), text.places(b"\n")
        columns = len(tabs) // len(ends)
        numbers = text.numbers(tabs[::columns])[0] if columns in {1, 2} else tabs
        expected = np.arange(self._domains, self._domains + len(ends), dtype=np.uint64)
        if len(tabs) != columns * len(ends) or not np.array_equal(numbers, expected):
            raise UsageError(f"{self._files.vertices[0]}: no index can be made: the vertices are not numbered from 0")
        self._is_of_domains = columns == 2
        stops = tabs[1::2] if columns == 2 else ends
        starts = tabs[::columns] + 1
        self._check_order(block, starts, stops)
        hosts = text.numbers(ends)[0] if columns == 2 else np.zeros(len(ends))
        return _between(text, starts, stops), stops - starts, hosts.astype(np.uint32)

    def _check_order(self, block: bytes, starts: npt.NDArray[Any], stops: npt.NDArray[Any]) -> None:
        names = [self._last, *(block[a:b] for a, b in zip(starts.tolist(), stops.tolist(), strict=True))]
        for end, is_sorted in self._is_sorted.items():
            keys = [name + end for name in names]
            if self._last == b"":
                keys[0] = b""
            self._is_sorted[end] = is_sorted and all(map(lt, keys, keys[1:]))
        if not any(self._is_sorted.values()):
            raise UsageError(f"{self._files.vertices[0]}: no index can be made: the vertices are not sorted by name")
        self._last = names[-1]

    def _add_hashes(
        self, hashes: _Parts, names: npt.NDArray[Any], lengths: npt.NDArray[Any], numbers: npt.NDArray[Any]
    ) -> None:
        found = _hashes(names, lengths, self._multiplier)
        hashes.add((found >> np.uint64(56)).astype(np.uint16), found, numbers)

    def _write_ranks(self, hashes: _Parts) -> None:
        """Writes the position of each domain, 0 if it has none: names are joined by their hashes."""
        ranks = np.memmap(self._folder / _RANKS, "u4", "w+", shape=(max(self._domains, 1),))
        with _Parts(self._folder / "positions", _HASH_PARTS, ("u8", "u4")) as positions:
            self._read_ranks(positions)
            for part in range(_HASH_PARTS):
                keys, numbers = hashes.part(part)
                order = np.argsort(keys)
                keys, numbers = keys[order], numbers[order]
                wanted, values = positions.part(part)
                at = np.searchsorted(keys, wanted)
                is_known = keys.take(at, mode="clip") == wanted if len(keys) else np.zeros(len(wanted), np.bool_)
                ranks[numbers[at[is_known]]] = values[is_known]
        ranks.flush()

    def _read_ranks(self, positions: _Parts) -> None:
        is_first = True
        for block in self._blocks([self._files.ranks], "ranks") if self._files.ranks else ():
            lines = block
            if is_first:
                end_of_names(block, self._files.ranks)
                lines, is_first = block[block.index(b"\n") + 1 :], False
            if lines:
                names, lengths, numbers = _ranked(lines, self._files.ranks)
                self._add_hashes(positions, names, lengths, numbers)
        positions.finish()

    def _read_edges(self, links: _Parts) -> None:
        for block in self._blocks(self._files.edges, "edges"):
            sources, linked = read_edges(block)
            if len(linked) and max(int(linked.max()), int(sources.max())) >= self._domains:
                raise UsageError(f"{self._files.edges[0]}: an edge has a number that no domain of the vertices has")
            low = (linked & np.uint64((1 << _LOW_BITS) - 1)).astype(np.uint16)
            links.add((linked >> np.uint64(_LOW_BITS)).astype(np.uint16), low, sources.astype(np.uint32))
            self._edges += len(linked)
        links.finish()

    def _write_links(self, links: _Parts) -> None:
        written = 0
        with (self._folder / _SOURCES).open("wb") as sources, (self._folder / _SOURCE_ENDS).open("wb") as ends:
            for part in range((self._domains >> _LOW_BITS) + 1):
                width = min(1 << _LOW_BITS, self._domains - (part << _LOW_BITS))
                counts = np.zeros(width, np.int64)
                for low, _ in links.pieces(part):
                    counts += np.bincount(low, minlength=width)
                ends.write((np.cumsum(counts) + written).astype(np.uint64).tobytes())
                written += int(counts.sum())
                for first, last in _together(counts):
                    _write_sorted(links, part, (first, last), sources)
                if counts.any():
                    self._tell("sorted edges", int(counts.sum()) * 4, self._edges * 4)


def _together(counts: npt.NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Yields ranges of domains whose edges can be sorted at once: first, and behind the last; a domain alone may have more."""
    ends = np.cumsum(counts)
    first = 0
    while first < len(counts):
        before = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, before + _MOST_SORTED, "right")), first + 1)
        yield first, last
        first = last


def _write_sorted(links: _Parts, part: int, domains: tuple[int, int], file: IO[bytes]) -> None:
    first, last = domains
    if last - first == 1:  # the edges of one domain, in the order of the file
        for low, sources in links.pieces(part):
            file.write(sources[low == first].tobytes())
        return
    lows, found = [], []
    for low, sources in links.pieces(part):
        is_meant = (low >= first) & (low < last)
        lows.append(low[is_meant])
        found.append(sources[is_meant])
    if lows:
        order = np.argsort(np.concatenate(lows), kind="stable")
        file.write(np.concatenate(found)[order].tobytes())


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _between(text: TextArrays, starts: npt.NDArray[Any], stops: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Returns the letters between places, one after the other."""
    is_meant = np.zeros(len(text.codes) + 1, np.int8)
    is_meant[starts] = 1
    is_meant[stops] -= 1
    return text.codes[np.cumsum(is_meant[:-1], dtype=np.int8).view(np.bool_)]


def _ranked(lines: bytes, file: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Returns the letters of the names in some lines of ranks, their lengths, and their positions."""
    text = TextArrays(lines)
    tabs, ends = text.places(b"\t"), text.places(b"\n")
    columns = len(tabs) // len(ends)
    if columns < 4 or len(tabs) != columns * len(ends):
        raise UsageError(f"{file}: no rank file of Common Crawl: its lines have different numbers of cells")
    starts = tabs[3::columns] + 1
    stops = tabs[4::columns] if columns > 4 else ends
    positions = text.numbers(tabs[::columns])[0].astype(np.uint32)
    is_named = stops > starts
    return _between(text, starts, stops), (stops - starts)[is_named], positions[is_named]


def _hashes(names: npt.NDArray[Any], lengths: npt.NDArray[Any], multiplier: int) -> Numbers:
    """Returns a hash of 64 bits for each name: a polynomial of its letters."""
    starts = np.cumsum(lengths) - lengths
    powers = np.full(_LONGEST_NAME, multiplier, np.uint64)
    np.multiply.accumulate(powers, out=powers)
    within = np.minimum(np.arange(len(names)) - np.repeat(starts, lengths), _LONGEST_NAME - 1)
    hashes: Numbers = np.add.reduceat(names.astype(np.uint64) * powers[within], starts)
    return hashes * np.uint64(0x9E3779B97F4A7C15)


class _Parts:
    """Rows that are divided into parts on disk: as many as fit into memory at once are sorted by part, and appended to a file."""

    def __init__(self, path: Path, parts: int, kinds: tuple[str, ...]) -> None:
        self._path = path
        self._file = path.open("wb+")
        self._parts = parts
        self._kinds = [np.dtype(kind) for kind in kinds]
        self._waiting: list[tuple[npt.NDArray[Any], ...]] = []
        self._count = 0
        self._spills: list[tuple[int, npt.NDArray[Any]]] = []  # where each begins, and where its parts end

    def add(self, parts: npt.NDArray[Any], *columns: npt.NDArray[Any]) -> None:
        """Adds rows, each with the number of its part."""
        self._waiting.append((parts, *columns))
        self._count += len(parts)
        if self._count >= _MOST_SORTED:
            self.finish()

    def finish(self) -> None:
        """Writes what waits."""
        if not self._count:
            return
        parts, *columns = (np.concatenate(column) for column in zip(*self._waiting, strict=True))
        self._waiting, self._count = [], 0
        order = np.argsort(parts, kind="stable")
        ends = np.cumsum(np.bincount(parts, minlength=self._parts)).astype(np.uint32)
        self._spills.append((self._file.tell(), ends))
        for column, kind in zip(columns, self._kinds, strict=True):
            self._file.write(column[order].astype(kind, copy=False).tobytes())

    def pieces(self, part: int) -> Iterator[tuple[npt.NDArray[Any], ...]]:
        """Yields the rows of a part, in the order in which they were added."""
        for start, ends in self._spills:
            first, last = int(ends[part - 1]) if part else 0, int(ends[part])
            if first == last:
                continue
            found, at = [], start
            for kind in self._kinds:
                self._file.seek(at + first * kind.itemsize)
                found.append(np.frombuffer(self._file.read((last - first) * kind.itemsize), kind))
                at += int(ends[-1]) * kind.itemsize
            yield tuple(found)

    def part(self, part: int) -> tuple[npt.NDArray[Any], ...]:
        """Returns all rows of a part."""
        pieces = list(self.pieces(part))
        if not pieces:
            return tuple(np.zeros(0, kind) for kind in self._kinds)
        return tuple(np.concatenate(column) for column in zip(*pieces, strict=True))

    def __enter__(self) -> Self:
        """Returns itself; the file is deleted at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Deletes the file."""
        self._file.close()
        self._path.unlink()
