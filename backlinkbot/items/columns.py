"""Describes the columns of every kind of row once: type, group, meaning, what empty means, an example.

A row's class is its schema. CSV, JSONL, Parquet and Excel types, the readers of row files, the database's columns and the
tables of the documentation all follow from :func:`columns_of`.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, dataclass_transform

from backlinkbot.errors import MissingColumnError, UsageError
from backlinkbot.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "ESSENTIAL",
    "FULL",
    "Column",
    "Group",
    "Kind",
    "Lines",
    "chosen",
    "column",
    "columns_of",
    "named",
    "of_values",
    "partial",
    "row",
    "slots_of",
    "with_values",
    "words_of",
]

T = TypeVar("T")

Lines = tuple[str, ...]
"""Texts that may hold commas, but no line break."""

ESSENTIAL: Final = "essential"
"""In place of column names: the ones that most readers need."""
FULL: Final = "full"
"""In place of column names: all of them."""
_KEY: Final = "column"


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    """A whole number."""
    REAL = "real"
    """A number that may have a fraction."""
    FLAG = "true/false"
    LIST = "list"
    """Texts without commas; CSV joins them by commas."""
    LINES = "lines"
    """Texts without line breaks; CSV joins them by line breaks."""
    TIME = "time"
    """A text in ISO 8601, UTC, whole seconds: ``2026-01-31T12:00:00Z``; formats that have times write one."""


class Group(StrEnum):
    """What a column tells an analyst."""

    LINK = "what links where"
    VERDICT = "does it count"
    PLACE = "where on the page"
    KNOWN = "what is known of it"
    PAGE = "the page"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a kind of row."""

    name: str
    kind: Kind
    meaning: str = ""
    """One or two sentences of Markdown."""
    empty: str = "never"
    """What an empty cell means; ``never`` where there is none."""
    example: str = ""
    """A value as CSV writes it; empty where it is in the row that the documentation shows."""
    group: Group = Group.LINK
    is_essential: bool = False
    may_lack: bool = False
    """True if there may be no value, which is neither 0 nor false: null in JSON, Parquet and the database."""
    is_required: bool = True
    """True if rows of every version have it; a column of a later version may be missing in a file, and takes the field's default."""

    @property
    def is_list(self) -> bool:
        """True if it holds several texts."""
        return self.kind in {Kind.LIST, Kind.LINES}

    @property
    def nothing(self) -> Any:
        """The value that says nothing: empty text or list, 0, false; None where there may be no value."""
        return None if self.may_lack and self.kind is not Kind.TIME else _NOTHING[self.kind]


_NOTHING: Final[dict[Kind, Any]] = {
    Kind.TEXT: "",
    Kind.NUMBER: 0,
    Kind.REAL: 0.0,
    Kind.FLAG: False,
    Kind.LIST: (),
    Kind.LINES: (),
    Kind.TIME: "",
}


def column(
    kind: Kind,
    meaning: str = "",
    *,
    empty: str = "never",
    example: str = "",
    group: Group = Group.LINK,
    essential: bool = False,
    may_lack: bool = False,
    default: Any = dataclasses.MISSING,
) -> Any:
    """Describes a field of a :func:`row` class; see :class:`Column`."""
    described = Column(
        name="",
        kind=kind,
        meaning=meaning,
        empty=empty,
        example=example,
        group=group,
        is_essential=essential,
        may_lack=may_lack or kind is Kind.TIME,
        is_required=default is dataclasses.MISSING,
    )
    return dataclasses.field(default=default, metadata={_KEY: described})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(column,))
def row(cls: type[T]) -> type[T]:
    """Makes a class whose fields are columns: a frozen dataclass with slots and keyword arguments."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


def columns_of(row_type: type[Any]) -> tuple[Column, ...]:
    """The columns of a :func:`row` class, in its order."""
    kind: Any = row_type
    return _columns_of(kind)


@lru_cache(maxsize=20)
def _columns_of(row_type: type[Any]) -> tuple[Column, ...]:
    return tuple(dataclasses.replace(field.metadata[_KEY], name=field.name) for field in dataclasses.fields(row_type))


def with_values(item: T, **values: Any) -> T:
    """Returns a copy of a dataclass instance with other values, as :func:`dataclasses.replace` does, in a third of its time.

    Only for dataclasses with slots and without ``__post_init__``: values are copied, not passed to the constructor.

    Raises:
        AttributeError: there is no such field.
    """
    of: Any = type(item)
    read, writers = _slots_of(of)
    copy = object.__new__(of)
    for write, value in zip(writers, read(item), strict=True):
        write(copy, value)
    for name, value in values.items():
        object.__setattr__(copy, name, value)
    return cast("T", copy)


def of_values(of: type[T], values: Iterable[Any]) -> T:
    """Returns an instance of a dataclass with the values of its fields in order; in a third of the time of its constructor.

    Only for dataclasses as :func:`with_values` takes them.
    """
    kind: Any = of
    made = object.__new__(kind)
    for write, value in zip(_slots_of(kind)[1], values, strict=True):
        write(made, value)
    return cast("T", made)


def slots_of(of: type[Any], names: Iterable[str]) -> list[Callable[[Any, Any], None]]:
    """Returns what writes each of these fields of a new instance, for readers of a million rows.

    Only for dataclasses as :func:`with_values` takes them.
    """
    return [getattr(of, name).__set__ for name in names]


@lru_cache(maxsize=20)
def _slots_of(of: type[Any]) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[Callable[[Any, Any], None], ...]]:
    """Returns what reads all fields of an instance, and what writes each of them."""
    names = [field.name for field in dataclasses.fields(of)]
    return attrgetter(*names), tuple(getattr(of, name).__set__ for name in names)


def partial(of: type[T], values: Mapping[str, Any], origin: str) -> T:
    """Returns a row that has only some of its columns, as in a file that was written with fewer.

    Reading another column raises MissingColumnError, so that what a file does not hold is never taken for empty.

    Args:
        of: a :func:`row` class.
        values: column -> value.
        origin: what the message calls the file.
    """
    kind: Any = of
    made = object.__new__(_partial(kind))
    object.__setattr__(made, "_origin", origin)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return cast("T", made)


@lru_cache(maxsize=20)
def _partial(of: type[Any]) -> type[Any]:
    columns = frozenset(column.name for column in columns_of(of))

    class Partial(of):  # type: ignore[misc]
        __slots__ = ("_origin",)

        def __getattr__(self, name: str) -> Any:  # called only for what has no value
            if name not in columns:
                raise AttributeError(name)
            raise MissingColumnError(
                f"{self._origin} has no column {name}, which is needed here; write the rows with it, or with --columns {FULL}"
            )

        def __repr__(self) -> str:
            held = (f"{name}={getattr(self, name)!r}" for name in columns if hasattr(self, name))
            return f"{of.__name__}({', '.join(held)})"

    return Partial


def words_of(text: str) -> list[str]:
    """Splits what a user writes behind ``--columns``: words separated by commas or white space.

    Raises:
        UsageError: there is no word.
    """
    words = [word for word in re.split(r"[\s,]+", text) if word]
    if not words:
        raise UsageError(f"--columns names no column; give {ESSENTIAL}, {FULL} or names separated by commas")
    return words


def named(columns: Iterable[Column], words: Iterable[str]) -> tuple[str, ...]:
    """Returns the names that words stand for, each once, in the order of the words; what is no column stays as it is."""
    known = tuple(columns)
    groups = {FULL: known, ESSENTIAL: tuple(column for column in known if column.is_essential)}
    found = (name for word in words for name in ([one.name for one in groups[word]] if word in groups else [word]))
    return tuple(dict.fromkeys(found))


def chosen(columns: Iterable[Column], words: Iterable[str]) -> tuple[Column, ...]:
    """Returns the columns that a user asks for, each once, in the order of the words.

    Args:
        columns: all columns, in order.
        words: names; ``essential`` and ``full`` stand for several.

    Raises:
        UsageError: a word is no column.
    """
    known = {column.name: column for column in columns}
    names = named(known.values(), words)
    for name in names:
        if name not in known:
            others = f"; there are {', '.join(known)}, and {ESSENTIAL} or {FULL} for several"
            raise UsageError(f"there is no column {name}{did_you_mean(name, (*known, ESSENTIAL)) or others}")
    return tuple(known[name] for name in names)
