"""The file of ``--visits``, which is whole at the end of the run."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from backlinkbot.errors import OutputError
from backlinkbot.files.atomic import close_part, discard_part, open_part, place, resolved, said_plainly
from backlinkbot.history import visit_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.items import JudgedPage


class VisitsFile:
    """The file of ``--visits``: a line for each recorded visit, in the order of their recording; whole at the end."""

    def __init__(self, path: Path) -> None:
        self._path = resolved(path)
        self._file: IO[bytes] | None = None

    def begin(self, run: visit_log.RunLine) -> None:
        """Opens the file and writes its first line.

        Raises:
            OutputError: it cannot be written; the other methods raise it, too.
        """
        with self._writing():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open_part(self._path)
            self._file.write(visit_log.write_run(run).encode("ascii") + b"\n")

    def write(self, pages: Iterable[JudgedPage]) -> None:
        """Writes a line for each page."""
        if self._file is not None:
            with self._writing():
                self._file.writelines(visit_log.write_visit(page).encode("ascii") + b"\n" for page in pages)
                self._file.flush()

    def end(self) -> None:
        """Closes the file and moves it to its place."""
        if self._file is not None:
            with self._writing():
                close_part(self._file)
                place(Path(self._file.name), self._path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with said_plainly(self._path):
                yield
        except OutputError:
            if self._file is not None:
                discard_part(self._file)
            raise
