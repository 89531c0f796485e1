"""The rows that a call returns: a sequence of typed rows, and the same as a pandas, Polars or Arrow table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

from backlinkbot.errors import UsageError
from backlinkbot.items import Backlink, Check
from backlinkbot.items.columns import ESSENTIAL, FULL, Column, Kind, chosen, columns_of
from backlinkbot.reports.exports.parquet import arrow_batches, arrow_schema
from backlinkbot.reports.exports.tables import values

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

T = TypeVar("T")
SHOWN: Final = 20
"""Rows that a notebook shows."""


class Rows(Sequence[T], Generic[T]):
    """Rows of one kind, in the order in which they were found.

    The columns of tables are those of the rows' class, or those that the call chose with ``columns``.
    """

    def __init__(self, rows: Iterable[T], row_type: type[T], columns: Sequence[str] = (FULL,)) -> None:
        """Takes the rows.

        Args:
            rows: instances of ``row_type``.
            row_type: a class of rows, such as :class:`~backlinkbot.items.Backlink`.
            columns: names of columns; ``essential`` and ``full`` stand for several.

        Raises:
            UsageError: there is no such column.
        """
        self._rows = list(rows)
        self._row_type = row_type
        self._columns = chosen(columns_of(row_type), columns)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of tables, in order."""
        return tuple(column.name for column in self._columns)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Rows[T]: ...
    def __getitem__(self, index: int | slice) -> T | Rows[T]:
        if isinstance(index, slice):
            return Rows(self._rows[index], self._row_type, self.columns)
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        count = len(self._rows)
        return f"<{type(self).__name__}: {count:,} {self._row_type.__name__} row{'' if count == 1 else 's'}>"

    def _repr_html_(self) -> str:
        """The first rows as a table, for a notebook; untrusted text is escaped."""
        names = set(self.columns)
        columns = [one for one in chosen(columns_of(self._row_type), [ESSENTIAL]) if one.name in names] or self._columns
        head = "".join(f"<th>{escape(column.name)}</th>" for column in columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(_shown(getattr(row, column.name)))}</td>' for column in columns)}</tr>"
            for row in self._rows[:SHOWN]
        )
        more = f"<p>{len(self):,} rows</p>" if len(self) > SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"

    def to_dicts(self) -> list[dict[str, Any]]:
        """Returns each row as a mapping of columns to values: text, numbers, tuples of texts, None."""
        return [{name: getattr(row, name) for name in self.columns} for row in self._rows]

    def to_arrow(self) -> pa.Table:
        """Returns a pyarrow table, with the types of ``backlinkbot export -o links.parquet``.

        Raises:
            UsageError: pyarrow is not installed.
        """
        schema = arrow_schema(self._columns)
        import pyarrow as pa  # noqa: PLC0415 - an optional package

        return pa.Table.from_batches(arrow_batches(self._cells(), schema), schema=schema)

    def to_pandas(self) -> pd.DataFrame:
        """Returns a pandas data frame; a missing number or flag is ``pd.NA``, a missing time ``pd.NaT``.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas as pd  # noqa: PLC0415 - an optional package
        except ImportError as error:
            raise _missing("to_pandas()", "pandas") from error
        types = {column.name: _pandas_type(column) for column in self._columns}
        return pd.DataFrame(
            {name: pd.Series(cells, dtype=types[name]) for name, cells in self._by_column().items()},
            columns=list(self.columns),
        )

    def to_polars(self) -> pl.DataFrame:
        """Returns a Polars data frame.

        Raises:
            UsageError: Polars is not installed.
        """
        try:
            import polars as pl  # noqa: PLC0415 - an optional package
        except ImportError as error:
            raise _missing("to_polars()", "polars") from error
        kinds: Mapping[Kind, Any] = {
            Kind.TEXT: pl.String(),
            Kind.NUMBER: pl.Int64(),
            Kind.REAL: pl.Float64(),
            Kind.FLAG: pl.Boolean(),
            Kind.LIST: pl.List(pl.String()),
            Kind.LINES: pl.List(pl.String()),
            Kind.TIME: pl.Datetime("us", "UTC"),
        }
        return pl.DataFrame(self._by_column(), schema={column.name: kinds[column.kind] for column in self._columns})

    def _cells(self) -> Iterable[list[Any]]:
        return values(self._rows, self._columns)

    def _by_column(self) -> dict[str, list[Any]]:
        by_column: dict[str, list[Any]] = {name: [] for name in self.columns}
        lists = list(by_column.values())
        for cells in self._cells():
            for of_column, cell in zip(lists, cells, strict=True):
                of_column.append(cell)
        return by_column


class CrawlRows(Rows[Backlink]):
    """The links that a run found, what became of each candidate, and the run's figures."""

    def __init__(
        self,
        rows: Iterable[Backlink],
        checks: Iterable[Check],
        summary: Mapping[str, Any],
        columns: Sequence[str] = (FULL,),
    ) -> None:
        super().__init__(rows, Backlink, columns)
        self.checks: Rows[Check] = Rows(checks, Check)
        """One row for each candidate of ``verify`` and each page of ``recheck``, whatever became of it; see docs/rows.md."""
        self.summary: dict[str, Any] = dict(summary)
        """The figures of the run, as ``--summary`` writes them; see docs/stats.md."""


def _pandas_type(column: Column) -> str:
    if column.kind is Kind.FLAG:
        return "boolean" if column.may_lack else "bool"
    if column.kind is Kind.NUMBER:
        return "Int64" if column.may_lack else "int64"
    return _PANDAS_TYPES[column.kind]


_PANDAS_TYPES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "str",
    Kind.REAL: "float64",
    Kind.LIST: "object",
    Kind.LINES: "object",
    Kind.TIME: "datetime64[us, UTC]",
}


def _missing(method: str, extra: str) -> UsageError:
    return UsageError(f'{method} needs {extra}: pip install "backlinkbot[{extra}]"')


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
