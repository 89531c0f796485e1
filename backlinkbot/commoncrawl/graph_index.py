"""Finds the domains that link to targets in a local index of a web graph, without reading the graph again.

Only the pages of the index that hold the answer are read; :mod:`backlinkbot.commoncrawl.graph_index_builder` makes it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.commoncrawl.graph import GraphLinks, joined, keys_of, read_graph
from backlinkbot.commoncrawl.graph_index_builder import (
    HOSTS,
    MANIFEST,
    NAME_ENDS,
    NAMES,
    RANKS,
    SOURCE_ENDS,
    SOURCES,
    VERSION,
    Manifest,
    make_index,
)
from backlinkbot.commoncrawl.interrupted_pass import identity_of
from backlinkbot.commoncrawl.text_arrays import HAS_NUMPY
from backlinkbot.errors import UsageError

if HAS_NUMPY:
    import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from backlinkbot.commoncrawl.graph import Tell
    from backlinkbot.commoncrawl.releases import GraphFiles
    from backlinkbot.targets import Targets

_DESCRIBED_AT_ONCE: Final = 375_000
"""Linking domains whose names are read at once: so many that memory stays bounded."""


def index_folder(files: GraphFiles, folder: Path) -> Path:
    """Returns the folder of a graph's index within the folder of indexes: its name is the release and a hash of the files."""
    digest = hashlib.sha256(json.dumps([VERSION, sys.byteorder, identity_of(files)]).encode()).hexdigest()
    return folder / f"{files.name}.{digest[:12]}"


def has_index(files: GraphFiles, folder: Path) -> bool:
    """True if a folder of indexes has that of a graph."""
    return (index_folder(files, folder) / MANIFEST).is_file()


def read_graph_or_index(
    files: GraphFiles, targets: Targets, tell: Tell, index: Path | None, cache: Path | None = None
) -> GraphLinks:
    """Returns which domains link to the targets: from the graph's index if there is a folder of indexes, else from the graph.

    Args:
        files: the graph.
        targets: the targets.
        tell: called with the name of what is read, the bytes since the last call, and the size as far as it is known.
        index: the folder of indexes; None for none.
        cache: the folder in which an interrupted pass over the graph saves its state; None for none.

    Raises:
        UsageError: there is no such graph, or it cannot be indexed.
        DownloadError: a file cannot be downloaded.
        OutputError: the index cannot be written.
    """
    if index is not None:
        return read_indexed(files, index, targets, tell)
    return read_graph(files, targets, tell, cache)


def read_indexed(files: GraphFiles, folder: Path, targets: Targets, tell: Tell) -> GraphLinks:
    """Returns which domains link to the targets, from the graph's index, which is made first if there is none.

    Raises:
        UsageError: there is no such graph, or it cannot be indexed.
        DownloadError: a file cannot be downloaded.
        OutputError: the index cannot be written.
    """
    if not HAS_NUMPY:
        raise UsageError('an index of a graph needs NumPy: pip install "backlinkbot[speed]"')
    own_folder = index_folder(files, folder)
    if not has_index(files, folder):
        make_index(files, own_folder, tell)
    return GraphIndex(own_folder).links(targets)


class GraphIndex:
    """Reads an index by mapping its files into memory."""

    def __init__(self, folder: Path) -> None:
        """Opens the index in a folder; raises UsageError if there is none, or a damaged one."""
        self._folder = folder
        try:
            manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
            self._manifest = Manifest(**manifest)
            self._name_ends = self._array(NAME_ENDS, "u8", self._manifest.domains)
            self._names = self._array(NAMES, "u1", int(self._name_ends[-1]))
            self._source_ends = self._array(SOURCE_ENDS, "u8", self._manifest.domains)
            self._hosts = self._array(HOSTS, "u4", self._manifest.domains)
            self._ranks = self._array(RANKS, "u4", self._manifest.domains)
            no_edges: npt.NDArray[Any] = np.zeros(0, "u4")  # an empty file cannot be mapped
            self._sources = self._array(SOURCES, "u4", self._manifest.edges) if self._manifest.edges else no_edges
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(
                f"{folder}: no whole index of a graph ({error}); delete the folder, and the index is made anew"
            ) from error

    def _array(self, name: str, dtype: str, length: int) -> npt.NDArray[Any]:
        """Maps a file of numbers into memory; raises ValueError if it has another length."""
        numbers: npt.NDArray[Any] = np.memmap(self._folder / name, dtype, "r")
        if length != len(numbers):
            raise ValueError(f"{name} has {len(numbers):,} numbers instead of {length:,}")
        return numbers

    def links(self, targets: Targets) -> GraphLinks:
        """Returns which domains link to the targets."""
        manifest = self._manifest
        links = GraphLinks(manifest.release, period=(manifest.period[0], manifest.period[1]), total=manifest.domains)
        exact: dict[str, set[int]] = {}
        wider: dict[str, set[int]] = {}
        for key, targets_of_key in keys_of(targets, is_of_domains=manifest.is_of_domains).items():
            numbers = self._numbers(key)
            for target, is_wider in targets_of_key if numbers else ():
                (wider if is_wider else exact).setdefault(target, set()).update(numbers)
        links.wider = wider.keys() - exact.keys()
        for target, own in (wider | exact).items():
            links.linking[target] = joined([self._sources_of(number) for number in sorted(own)], own)
        self._describe(links)
        return links

    def _sources_of(self, number: int) -> array[int]:
        """Returns the numbers of the domains that link to a domain."""
        first = int(self._source_ends[number - 1]) if number else 0
        return array("I", self._sources[first : int(self._source_ends[number])].tobytes())

    def _numbers(self, key: bytes) -> range:
        """Returns the numbers of the domains to which a key of :func:`keys_of` applies.

        A key that ends with a dot applies to all names that begin with it, any other to one name.
        """
        name = key[1:-1]
        if key.endswith(b"."):
            return range(self._first_from(name + b"."), self._first_from(name + b"/"))  # "/" follows "." in ASCII
        first = self._first_from(name + self._dot)
        is_there = first < self._manifest.domains and self._name(first) == name
        return range(first, first + is_there)

    def _first_from(self, key: bytes) -> int:
        """Returns the number of the first domain that is sorted at or after a key."""
        return bisect_left(range(self._manifest.domains), key, key=lambda number: self._name(number) + self._dot)

    @property
    def _dot(self) -> bytes:
        return b"." if self._manifest.has_dot else b""

    def _name(self, number: int) -> bytes:
        start = int(self._name_ends[number - 1]) if number else 0
        return self._names[start : int(self._name_ends[number])].tobytes()

    def _describe(self, links: GraphLinks) -> None:
        """Adds names, hosts and ranks of the linking domains."""
        lists = [np.frombuffer(numbers, np.uint32) for numbers in links.linking.values() if isinstance(numbers, array)]
        linking = np.unique(np.concatenate(lists)) if lists else np.zeros(0, np.uint32)
        for at in range(0, len(linking), _DESCRIBED_AT_ONCE):
            numbers = linking[at : at + _DESCRIBED_AT_ONCE]
            ends = self._name_ends[numbers].astype(np.int64)
            starts = np.where(numbers > 0, self._name_ends[numbers.astype(np.int64) - 1], 0).astype(np.int64)
            lengths = ends - starts
            within_names = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            links.domains.extend(
                numbers.tobytes(),
                self._names[np.repeat(starts, lengths) + within_names].tobytes(),
                lengths.tolist(),
                self._hosts[numbers].tobytes(),
                self._ranks[numbers].tobytes(),
            )
