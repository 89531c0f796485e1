"""Progress bars of commands that read files, on standard error; rich is imported only when one is drawn."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from backlinkbot.text.terminal_escaping import raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def reading_bar(total: int) -> Iterator[Callable[[int], None]]:
    """Shows a progress bar of the bytes read; the yielded function takes the number of new bytes."""
    from rich.console import Console  # noqa: PLC0415 - as the module says
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - as above
    from rich.progress import Progress as Bar  # noqa: PLC0415 - as above

    with Bar(
        TextColumn("reading"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(file=raw(sys.stderr)),
        transient=True,
    ) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda count: bar.advance(task, count)


@contextlib.contextmanager
def counting_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows a progress bar of counted things; the yielded function takes the number of new ones."""
    from rich.console import Console  # noqa: PLC0415 - as the module says
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - as above
    from rich.progress import Progress as Bar  # noqa: PLC0415 - as above

    with Bar(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=raw(sys.stderr)),
        transient=True,
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
