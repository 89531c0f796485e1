"""Tables of rows for people, on standard output; rich is imported only when one is printed."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from backlinkbot.text.terminal_escaping import raw, replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Prints rows as a table on standard output; untrusted text is never interpreted as markup or terminal codes."""
    from rich.console import Console  # noqa: PLC0415 - as the module says
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    wide = sys.stdout.isatty()
    console = Console(file=raw(sys.stdout), width=None if wide else 200, soft_wrap=False)
    table = Table()
    for name in columns:
        table.add_column(Text(replaced(name)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_printable(row.get(name))) for name in columns))
    console.print(table if table.row_count else "no rows")
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()


def _printable(value: Any) -> str:
    if value is None:
        return ""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return replaced(text)
