"""Files of rows that we wrote, read back: CSV, JSONL and JSON, gzipped or not."""

from __future__ import annotations

import csv
import gzip
import json
from typing import TYPE_CHECKING, Any

from backlinkbot.cells import allow_long_cells, unguard
from backlinkbot.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file, by its ending; CSV cells lose their guard.

    Raises:
        OutputError: it cannot be read.
    """
    is_packed = path.suffix == ".gz"
    kind = path.with_suffix("").suffix if is_packed else path.suffix
    try:
        with (gzip.open if is_packed else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
            if kind == ".json":
                yield from map(_object, json.load(file))
            elif kind in {".jsonl", ".jl"}:
                yield from (_object(json.loads(line)) for line in file)
            else:
                allow_long_cells()
                for row in csv.DictReader(file):
                    yield {name: unguard(cell or "") for name, cell in row.items() if name is not None}
    except (OSError, EOFError, ValueError, TypeError, csv.Error) as error:
        raise OutputError(f"{path}: {error}") from error


def _object(row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise TypeError(f"{row!r:.60} is no row")
    return row
