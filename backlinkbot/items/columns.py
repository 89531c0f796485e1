"""Describes the columns of every kind of row once: type, group, meaning, what empty means, an example.

A row's class is its schema. CSV, JSONL, Parquet and Excel types, the readers of row files, the database's columns and the
tables of the documentation all follow from :func:`columns_of`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, dataclass_transform

from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
    "row",
    "with_values",
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


@lru_cache(maxsize=20)
def _slots_of(of: type[Any]) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[Callable[[Any, Any], None], ...]]:
    """Returns what reads all fields of an instance, and what writes each of them."""
    names = [field.name for field in dataclasses.fields(of)]
    return attrgetter(*names), tuple(getattr(of, name).__set__ for name in names)


def chosen(columns: Iterable[Column], words: Iterable[str]) -> tuple[Column, ...]:
    """The columns that a user asks for, in that order.

    Args:
        columns: all there are.
        words: names, or ``essential`` or ``full`` in place of some.

    Raises:
        UsageError: a word is no column.
    """
    known = {column.name: column for column in columns}
    found: dict[str, Column] = {}
    for word in words:
        if word == FULL:
            found |= known
        elif word == ESSENTIAL:
            found |= {name: column for name, column in known.items() if column.is_essential}
        elif word in known:
            found[word] = known[word]
        else:
            raise UsageError(f"no column {word!r}; there are {', '.join(known)}, and {ESSENTIAL} or {FULL} for several")
    return tuple(found.values())
