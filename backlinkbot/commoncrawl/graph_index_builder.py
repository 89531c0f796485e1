"""Makes the local index of a web graph, in one pass over its vertices, edges and ranks.

An index is a folder of plain arrays in the byte order of this machine. The edges are sorted by the linked domain, in partitions
on disk, so that memory stays bounded. They are stored as the numbers of the linking domains, in four bytes each. The other files
hold the names, the offsets at which each name and the edges of each domain end, and the hosts and ranks of the domains.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from operator import lt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.commoncrawl.disk_partitions import DiskPartitions
from backlinkbot.commoncrawl.edge_scanner import read_edges
from backlinkbot.commoncrawl.graph import end_of_names
from backlinkbot.commoncrawl.line_blocks import LineBlocks, is_remote
from backlinkbot.commoncrawl.releases import GIGABYTES
from backlinkbot.commoncrawl.text_arrays import HAS_NUMPY, TextArrays
from backlinkbot.commoncrawl.vertex_columns import vertex_columns
from backlinkbot.errors import UsageError
from backlinkbot.files.atomic import said_plainly

if HAS_NUMPY:
    import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

    import numpy.typing as npt

    from backlinkbot.commoncrawl.graph import Tell
    from backlinkbot.commoncrawl.releases import GraphFiles
    from backlinkbot.commoncrawl.text_arrays import Numbers
    from backlinkbot.commoncrawl.vertex_columns import VertexColumns

VERSION: Final = 1
MANIFEST: Final = "index.json"
NAMES, NAME_ENDS, HOSTS, RANKS = "names", "name-ends", "hosts", "ranks"
SOURCES, SOURCE_ENDS = "sources", "source-ends"
_LOW_BITS: Final = 16
"""Low bits of a domain's number, by which the edges of a partition are sorted; the high bits are the number of the partition."""
_SORTED_AT_ONCE: Final = 3_000_000
"""Edges that are sorted at once: some 60 MB."""
_HASH_PARTITIONS: Final = 256
_LONGEST_NAME: Final = 512

# Bytes for each vertex and edge of a release of Common Crawl: of its files, gzipped and not, of the index, and of the partitions.
_GZIPPED_VERTEX, _GZIPPED_EDGE = 6.9, 3.4
_TEXT_VERTEX, _TEXT_EDGE = 28.0, 17.2
_INDEX_VERTEX, _INDEX_EDGE = 42.0, 4.0
_PARTITIONS_VERTEX, _PARTITIONS_EDGE = 24.0, 6.0


@dataclass(frozen=True, slots=True)
class IndexSize:
    """Estimated bytes of an index, and of the partitions that lie on the disk while it is made."""

    index: int
    partitions: int

    def __str__(self) -> str:
        both = self.index + self.partitions
        return f"about {self.index / 1e9:,.1f} GB, and {both / 1e9:,.1f} GB while it is made"


def estimated_size(files: GraphFiles) -> IndexSize:
    """Estimates the size of the index of a graph from the sizes of its files."""
    vertices = _size_of(files.vertices, "vertices")
    edges = _size_of(files.edges, "edges")
    domains = vertices / (_GZIPPED_VERTEX if files.vertices[0].lower().endswith(".gz") else _TEXT_VERTEX)
    links = edges / (_GZIPPED_EDGE if files.edges[0].lower().endswith(".gz") else _TEXT_EDGE)
    return IndexSize(
        index=round(domains * _INDEX_VERTEX + links * _INDEX_EDGE),
        partitions=round(domains * _PARTITIONS_VERTEX + links * _PARTITIONS_EDGE),
    )


def _size_of(names: Sequence[str], part: str) -> float:
    return sum(GIGABYTES[part] * 1e9 if is_remote(name) else Path(name).stat().st_size for name in names)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The file of an index that describes its other files; it is written last."""

    release: str
    period: tuple[str, str]
    domains: int
    edges: int
    is_of_domains: bool
    """True if the vertices are domains, false if they are hosts."""
    has_dot: bool
    """True if the names are sorted as if each ended with a dot, as Common Crawl sorts domains."""
    version: int = VERSION
    byte_order: str = sys.byteorder


def make_index(files: GraphFiles, folder: Path, tell: Tell) -> None:
    """Makes the index of a graph in a temporary folder, which is renamed once the index is complete.

    Args:
        files: the graph.
        folder: the folder of this index.
        tell: called with the name of what is read, the bytes since the last call, and the size as far as it is known.

    Raises:
        UsageError: the graph cannot be indexed, or the disk is too small.
        DownloadError: a file cannot be downloaded.
        OutputError: the index cannot be written.
    """
    size = estimated_size(files)
    with said_plainly(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder.parent).free
        if free < size.index + size.partitions:
            raise UsageError(f"{folder.parent}: the index needs {size}; {free / 1e9:,.1f} GB are free")
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        with said_plainly(folder):
            _Builder(files, temporary, tell).build()
            try:
                temporary.rename(folder)
            except OSError:
                if not (folder / MANIFEST).is_file():  # another process may have made it meanwhile
                    raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


class _Builder:
    """Writes the files of an index."""

    def __init__(self, files: GraphFiles, folder: Path, tell: Tell) -> None:
        self._files = files
        self._folder = folder
        self._tell = tell
        self._multiplier = secrets.randbits(64) | 1
        self._domains = 0
        self._edges = 0
        self._is_of_domains = True
        self._last_name = b""
        self._is_sorted = {b"": True, b".": True}  # suffix -> true if the names are sorted when each has it

    def build(self) -> None:
        with self._partitions("hashes", _HASH_PARTITIONS, ("u8", "u4")) as hashes:
            self._write_names(hashes)
            self._write_ranks(hashes)
        with self._partitions("edges", (self._domains >> _LOW_BITS) + 1, ("u2", "u4")) as edges:
            self._read_edges(edges)
            self._write_sources(edges)
        manifest = Manifest(
            release=self._files.name,
            period=self._files.period,
            domains=self._domains,
            edges=self._edges,
            is_of_domains=self._is_of_domains,
            has_dot=not self._is_sorted[b""],
        )
        for file in self._folder.iterdir():
            _sync(file)
        (self._folder / MANIFEST).write_text(json.dumps(asdict(manifest)))
        _sync(self._folder / MANIFEST)

    def _partitions(self, name: str, count: int, dtypes: tuple[str, ...]) -> DiskPartitions:
        return DiskPartitions(self._folder / name, count, dtypes, _SORTED_AT_ONCE)

    def _blocks(self, names: Sequence[str], what: str) -> Iterator[bytes]:
        """Yields the blocks of files; raises UsageError at the end if one was damaged."""
        blocks = LineBlocks(names, lambda read, size: self._tell(what, read, size))
        yield from blocks
        if blocks.faults:
            raise UsageError(f"no index is made of a part of a graph: {blocks.faults[0]}")

    def _write_names(self, hashes: DiskPartitions) -> None:
        length = 0
        with ExitStack() as stack:
            names, name_ends, hosts = (
                stack.enter_context((self._folder / name).open("wb")) for name in (NAMES, NAME_ENDS, HOSTS)
            )
            for block in self._blocks(self._files.vertices, "vertices"):
                vertices = self._vertices_of(block)
                letters, lengths = vertices.names(), vertices.lengths()
                ends = np.cumsum(lengths, dtype=np.uint64) + np.uint64(length)
                names.write(letters.tobytes())
                name_ends.write(ends.tobytes())
                hosts.write(vertices.hosts().tobytes())
                length = int(ends[-1])
                numbers = np.arange(self._domains, self._domains + len(vertices), dtype=np.uint32)
                self._add_hashes(hashes, letters, lengths, numbers)
                self._domains += len(vertices)
        if not self._domains:
            raise UsageError(f"{self._files.vertices[0]}: no index can be made: the vertices name no domain")
        hashes.flush()

    def _vertices_of(self, block: bytes) -> VertexColumns:
        """Parses the next block of vertices.

        Raises:
            UsageError: the vertices are not numbered from 0 and sorted by name.
        """
        vertices = vertex_columns(block, self._domains)
        if vertices is None:
            raise UsageError(f"{self._files.vertices[0]}: no index can be made: the vertices are not numbered from 0")
        self._is_of_domains = vertices.has_hosts
        self._check_order([block[a:b] for a, b in zip(vertices.starts.tolist(), vertices.stops.tolist(), strict=True)])
        return vertices

    def _check_order(self, block_names: Sequence[bytes]) -> None:
        """Raises UsageError if the names of a block do not ascend from the last name of the block before it."""
        names = [self._last_name, *block_names]
        for suffix, is_sorted in self._is_sorted.items():
            keys = [name + suffix for name in names]
            if not self._last_name:
                keys[0] = b""  # before the first name, with either suffix
            self._is_sorted[suffix] = is_sorted and all(map(lt, keys, keys[1:]))
        if not any(self._is_sorted.values()):
            raise UsageError(f"{self._files.vertices[0]}: no index can be made: the vertices are not sorted by name")
        self._last_name = names[-1]

    def _add_hashes(
        self, partitions: DiskPartitions, names: npt.NDArray[Any], lengths: npt.NDArray[Any], values: npt.NDArray[Any]
    ) -> None:
        """Adds the hash of each name and its value; the highest byte of the hash is the partition."""
        hashes = _hashes(names, lengths, self._multiplier)
        partitions.add((hashes >> np.uint64(56)).astype(np.uint16), hashes, values)

    def _write_ranks(self, hashes: DiskPartitions) -> None:
        """Writes the position of each domain, 0 if it has none; names are joined by their hashes."""
        ranks = np.memmap(self._folder / RANKS, "u4", "w+", shape=(max(self._domains, 1),))
        with self._partitions("positions", _HASH_PARTITIONS, ("u8", "u4")) as positions:
            self._read_ranks(positions)
            for partition in range(_HASH_PARTITIONS):
                keys, numbers = hashes.read(partition)
                order = np.argsort(keys)
                keys, numbers = keys[order], numbers[order]
                ranked_keys, ranked_positions = positions.read(partition)
                at = np.searchsorted(keys, ranked_keys)
                is_known = keys.take(at, mode="clip") == ranked_keys if len(keys) else np.zeros(len(at), np.bool_)
                ranks[numbers[at[is_known]]] = ranked_positions[is_known]
        ranks.flush()

    def _read_ranks(self, positions: DiskPartitions) -> None:
        has_header = True
        for block in self._blocks([self._files.ranks], "ranks") if self._files.ranks else ():
            lines = block
            if has_header:
                end_of_names(block, self._files.ranks)  # raises UsageError if this is no rank file
                lines, has_header = block[block.index(b"\n") + 1 :], False
            if lines:
                self._add_hashes(positions, *_ranked(lines, self._files.ranks))
        positions.flush()

    def _read_edges(self, edges: DiskPartitions) -> None:
        for block in self._blocks(self._files.edges, "edges"):
            sources, linked = read_edges(block)
            if len(linked) and max(int(linked.max()), int(sources.max())) >= self._domains:
                raise UsageError(f"{self._files.edges[0]}: an edge has a number that no domain of the vertices has")
            low = (linked & np.uint64((1 << _LOW_BITS) - 1)).astype(np.uint16)
            edges.add((linked >> np.uint64(_LOW_BITS)).astype(np.uint16), low, sources.astype(np.uint32))
            self._edges += len(linked)
        edges.flush()

    def _write_sources(self, edges: DiskPartitions) -> None:
        written = 0
        with (self._folder / SOURCES).open("wb") as sources, (self._folder / SOURCE_ENDS).open("wb") as ends:
            for partition in range((self._domains >> _LOW_BITS) + 1):
                width = min(1 << _LOW_BITS, self._domains - (partition << _LOW_BITS))
                counts = np.zeros(width, np.int64)
                for low, _ in edges.chunks(partition):
                    counts += np.bincount(low, minlength=width)
                ends.write((np.cumsum(counts) + written).astype(np.uint64).tobytes())
                written += int(counts.sum())
                for first, last in _sortable_ranges(counts):
                    _write_sorted(edges, partition, (first, last), sources)
                if counts.any():
                    self._tell("sorted edges", int(counts.sum()) * 4, self._edges * 4)


def _sortable_ranges(counts: npt.NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Yields ranges of domains whose edges can be sorted at once, as half-open intervals.

    A range of one domain may have more edges than that: they need no sorting.

    Args:
        counts: the edges that lead to each domain.
    """
    ends = np.cumsum(counts)
    first = 0
    while first < len(counts):
        before = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, before + _SORTED_AT_ONCE, "right")), first + 1)
        yield first, last
        first = last


def _write_sorted(edges: DiskPartitions, partition: int, domains: tuple[int, int], file: IO[bytes]) -> None:
    """Writes the sources of a partition's edges that lead to a range of domains, sorted by domain."""
    first, last = domains
    if last - first == 1:  # too many to be held in memory, perhaps, and in the right order as they are
        for low, sources in edges.chunks(partition):
            file.write(sources[low == first].tobytes())
        return
    range_low, range_sources = [], []
    for low, sources in edges.chunks(partition):
        is_in_range = (low >= first) & (low < last)
        range_low.append(low[is_in_range])
        range_sources.append(sources[is_in_range])
    if range_low:
        order = np.argsort(np.concatenate(range_low), kind="stable")
        file.write(np.concatenate(range_sources)[order].tobytes())


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _ranked(lines: bytes, file: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Returns the letters of the names in lines of ranks, the names' lengths, and their positions; skips lines without a name."""
    text = TextArrays(lines)
    tabs, ends = text.places(b"\t"), text.places(b"\n")
    columns = len(tabs) // len(ends)
    if columns < 4 or len(tabs) != columns * len(ends):
        raise UsageError(f"{file}: no rank file of Common Crawl: its lines have different numbers of cells")
    starts = tabs[3::columns] + 1
    stops = tabs[4::columns] if columns > 4 else ends
    positions = text.numbers(tabs[::columns])[0].astype(np.uint32)
    is_named = stops > starts
    return text.between(starts, stops), (stops - starts)[is_named], positions[is_named]


def _hashes(names: npt.NDArray[Any], lengths: npt.NDArray[Any], multiplier: int) -> Numbers:
    """Returns a hash of 64 bits for each name: a polynomial of its letters."""
    starts = np.cumsum(lengths) - lengths
    powers = np.full(_LONGEST_NAME, multiplier, np.uint64)
    np.multiply.accumulate(powers, out=powers)
    exponents = np.minimum(np.arange(len(names)) - np.repeat(starts, lengths), _LONGEST_NAME - 1)
    hashes: Numbers = np.add.reduceat(names.astype(np.uint64) * powers[exponents], starts)
    return hashes * np.uint64(0x9E3779B97F4A7C15)
