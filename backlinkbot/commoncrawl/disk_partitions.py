"""Rows that do not fit into memory, divided into partitions in a file on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlinkbot.commoncrawl.text_arrays import HAS_NUMPY

if HAS_NUMPY:
    import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any, Self

    import numpy.typing as npt


class DiskPartitions:
    """Rows in partitions: a limited number is held in memory, sorted by partition, and appended to a file; needs NumPy."""

    def __init__(self, path: Path, partitions: int, dtypes: tuple[str, ...], rows_in_memory: int) -> None:
        """Creates the file.

        Args:
            path: the file; it is deleted when the context ends.
            partitions: the number of partitions.
            dtypes: the type of each column, as NumPy writes it.
            rows_in_memory: rows that are sorted and written at once.
        """
        self._path = path
        self._file = path.open("wb+")
        self._partitions = partitions
        self._dtypes = [np.dtype(dtype) for dtype in dtypes]
        self._rows_in_memory = rows_in_memory
        self._buffer: list[tuple[npt.NDArray[Any], ...]] = []
        self._buffered = 0
        self._runs: list[tuple[int, npt.NDArray[Any]]] = []
        """Of each sorted run its offset in the file, and the row at which each partition ends."""

    def add(self, partitions: npt.NDArray[Any], *columns: npt.NDArray[Any]) -> None:
        """Adds rows, each with the number of its partition."""
        self._buffer.append((partitions, *columns))
        self._buffered += len(partitions)
        if self._buffered >= self._rows_in_memory:
            self.flush()

    def flush(self) -> None:
        """Writes the rows that are in memory; must be called before any are read."""
        if not self._buffered:
            return
        partitions, *columns = (np.concatenate(column) for column in zip(*self._buffer, strict=True))
        self._buffer, self._buffered = [], 0
        order = np.argsort(partitions, kind="stable")
        ends = np.cumsum(np.bincount(partitions, minlength=self._partitions)).astype(np.uint32)
        self._runs.append((self._file.tell(), ends))
        for column, dtype in zip(columns, self._dtypes, strict=True):
            self._file.write(column[order].astype(dtype, copy=False).tobytes())

    def chunks(self, partition: int) -> Iterator[tuple[npt.NDArray[Any], ...]]:
        """Yields the columns of a partition in chunks, the rows in the order in which they were added."""
        for offset, ends in self._runs:
            first, last = int(ends[partition - 1]) if partition else 0, int(ends[partition])
            if first == last:
                continue
            columns, column_offset = [], offset
            for dtype in self._dtypes:
                self._file.seek(column_offset + first * dtype.itemsize)
                columns.append(np.frombuffer(self._file.read((last - first) * dtype.itemsize), dtype))
                column_offset += int(ends[-1]) * dtype.itemsize
            yield tuple(columns)

    def read(self, partition: int) -> tuple[npt.NDArray[Any], ...]:
        """Returns the columns of a partition."""
        chunks = list(self.chunks(partition))
        if not chunks:
            return tuple(np.zeros(0, dtype) for dtype in self._dtypes)
        return tuple(np.concatenate(column) for column in zip(*chunks, strict=True))

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Deletes the file."""
        self._file.close()
        self._path.unlink()
