"""Finds the header row of a table and its format, or guesses the columns of a table without a header."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.importers.dates import iso
from backlinkbot.importers.formats.catalogue import FORMATS
from backlinkbot.importers.formats.formats import Format, Role, Shape
from backlinkbot.importers.formats.generic import TABLE
from backlinkbot.importers.formats.header_aliases import canonical, fold
from backlinkbot.importers.outcomes import Fault, Skip
from backlinkbot.importers.sides import NEARLY_ALL, columns, corrected, is_internal, is_internal_report
from backlinkbot.importers.values import place, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from backlinkbot.targets import Targets

MAX_PREAMBLE: Final = 10
"""Most rows before the header."""
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER: Final = re.compile(r"[\s\d.,%+-]*$")

_NEEDS: Final = [
    (entry, frozenset(map(canonical, entry.needs)))
    for entry in FORMATS
    if entry.shape is Shape.TABLE and entry is not TABLE
]

_OF_THE_LINK: Final[dict[Role, tuple[str, ...]]] = {
    role: names for role, names in TABLE.columns.items() if role is not Role.SOURCE and role is not Role.DOMAIN
}
"""The columns of any table, without the one of its pages or domains."""


_TARGETS: Final = frozenset(map(canonical, TABLE.columns[Role.TARGET]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of a table and its position."""

    format: Format
    cells: tuple[str, ...]
    """The names of its columns; without a header, the guessed contents."""
    at: int
    """The row of the header, from 0; -1 if the first row is data."""
    why: str
    places: Mapping[Role, int] = field(default_factory=dict)
    """The columns that have these roles whatever their names are, from 0; -1 if there is none."""


def known_format(cells: Iterable[str], among: Iterable[str] = ()) -> Format | None:
    """Returns the format that has these columns; of several, the one that requires the most."""
    names = {name for cell in cells if (name := canonical(cell))}
    allowed = set(among)
    found = [
        (len(needs), entry)
        for entry, needs in _NEEDS
        if needs <= names and not (entry.is_whole_header and names - needs) and (not allowed or entry.name in allowed)
    ]
    return max(found, key=lambda match: match[0])[1] if found else None


def find_header(rows: Sequence[Sequence[str]], among: Iterable[str] = ()) -> Header | None:
    """Finds the header of a known format in the first rows; ``among`` limits the formats, and empty allows all."""
    best: tuple[int, Header] | None = None
    for at, row in enumerate(rows[: MAX_PREAMBLE + 1]):
        entry = known_format(row, among)
        if entry is not None and (best is None or len(entry.needs) > best[0]):
            why = f"its header: {', '.join(entry.needs)}"
            best = len(entry.needs), Header(format=entry, cells=tuple(row), at=at, why=why)
    return best[1] if best is not None else None


def guess_header(rows: Sequence[Sequence[str]], targets: Targets | None = None) -> Header | None:
    """Finds a header of well-known column names whose columns contain matching values.

    Where the values contradict the names, the values count; ``targets`` helps to tell the sides apart.
    """
    unsure = None
    for at, row in enumerate(rows[: MAX_PREAMBLE + 1]):
        names = [canonical(cell) for cell in row]
        for role in (Role.SOURCE, Role.DOMAIN):
            for name in (name for name in TABLE.columns[role] if canonical(name) in names):
                column = names.index(canonical(name))
                below = [plain(other[column]) for other in rows[at + 1 :] if other[column : column + 1]]
                said = [cell for cell in below if cell]
                fitting = sum(not isinstance(place(cell), Fault) for cell in said)
                header = Header(
                    format=replace(TABLE, columns={**_OF_THE_LINK, role: (name,)}),
                    cells=tuple(row),
                    at=at,
                    why=f"a column of its header: {row[column].strip()}",
                )
                if fitting * 2 >= len(said) and (said or role is Role.SOURCE):
                    return _by_values(header, column, rows[at + 1 :], targets)
                # A list with one column and nothing but mistakes is still a list.
                if unsure is None and role is Role.SOURCE and (fitting or len(row) == 1):
                    unsure = header
    return unsure


def mapped_header(rows: Sequence[Sequence[str]], mapping: Mapping[Role, str]) -> Header | None:
    """Finds the columns that the user names, by a header cell or by their number from 1; None if one is missing."""
    for at, row in enumerate(rows[: MAX_PREAMBLE + 1]):
        names = [canonical(cell) for cell in row]
        named = {role: names.index(canonical(name)) for role, name in mapping.items() if canonical(name) in names}
        numbered = {role: int(name) - 1 for role, name in mapping.items() if role not in named and name.isdecimal()}
        places = named | numbered
        if len(places) < len(mapping) or not all(0 <= column < len(row) for column in places.values()):
            continue
        source = places.get(Role.SOURCE, places.get(Role.DOMAIN, -1))
        # Named by number only, the first row may be data already.
        is_data = not named and not isinstance(place(plain(row[source])), Fault)
        described = ", ".join(f"{role.value} in column {column + 1}" for role, column in places.items())
        others: dict[Role, tuple[str, ...]] = {
            role: cells
            for role, cells in _OF_THE_LINK.items()
            if role not in places and role is not Role.TARGET and not is_data
        }
        return Header(
            format=replace(TABLE, columns=others),
            cells=tuple(row),
            at=-1 if is_data else at,
            why=f"what --map says: {described}",
            places=places,
        )
    return None


def _by_values(header: Header, source: int, rows: Sequence[Sequence[str]], targets: Targets | None) -> Header:
    """Corrects a guessed header by the values below it."""
    names = [canonical(cell) for cell in header.cells]
    target = next((names.index(name) for name in map(canonical, TABLE.columns[Role.TARGET]) if name in names), -1)
    found = columns(rows, targets)
    if is_internal_report(header.cells, found):
        return replace(header, format=replace(header.format, skip=Skip.INTERNAL))
    sides = corrected(source, target, found)
    if is_internal(sides.source, sides.target, found):
        header = replace(header, format=replace(header.format, skip=Skip.INTERNAL))
    if not sides.why:
        return header
    places = {Role.SOURCE: sides.source, Role.TARGET: sides.target}
    said = "against the header: " if sides.source != source else ""
    return replace(header, why=f"what its columns hold, {said}{sides.why}", places=places)


def guess_columns(rows: Sequence[Sequence[str]], targets: Targets | None = None) -> Header | None:
    """Guesses the columns of a table without header: pages, targets, anchors, dates; None without pages or domains."""
    width = Counter(len(row) for row in rows).most_common(1)[0][0] if rows else 0
    even = [[plain(cell) for cell in row] for row in rows if len(row) == width]
    if width < 2 or len(even) * 10 < len(rows) * 8:
        return None
    kinds = [Counter(map(_kind, (row[column] for row in even))) for column in range(width)]
    at = 0 if len(even) > 1 and _is_header(even[0], kinds) else -1
    data = even[at + 1 :]
    roles = _sides(data, even[0] if at == 0 else [], targets)
    if not roles:
        return None
    roles |= _dates(data, [column for column in range(width) if _mostly(data, column, "date")])
    texts = [column for column in range(width) if column not in roles and _mostly(data, column, "text")]
    if Role.TARGET in roles.values() and len(texts) == 1:
        roles[texts[0]] = Role.ANCHOR
    cells = tuple(f"{roles[column].value}" if column in roles else f"column {column + 1}" for column in range(width))
    names = {role: (role.value,) for role in roles.values()}
    entry = replace(TABLE, columns=names)
    if at == 0 and is_internal_report(even[0], columns(data, targets)):
        entry = replace(entry, skip=Skip.INTERNAL)
    described = ", ".join(f"{role.value} in column {column + 1}" for column, role in sorted(roles.items()))
    return Header(format=entry, cells=cells, at=at, why=f"what its columns hold: {described}")


def _sides(data: list[list[str]], header: list[str], targets: Targets | None) -> dict[int, Role]:
    """Returns the columns of linking and of linked pages, or else the one of domains."""
    width = len(data[0]) if data else 0
    linked = {column for column, cell in enumerate(header) if names_target(cell)}
    found = columns(data, targets)
    pages = [column for column in range(width) if _mostly(data, column, "page")]
    linking = [column for column in pages if column not in linked]
    if not linking:
        domains = [c for c in range(width) if _mostly(data, c, "domain") and c not in linked]
        return {domains[0]: Role.DOMAIN} if domains else {}

    def order(column: int) -> tuple[bool, int, int]:
        known = found.get(column)
        if known is None:
            return True, 0, 0
        # Linking pages are many, on many sites; the linked pages are on one site. A home page is rather the name of a site.
        return known.on_targets >= NEARLY_ALL, -len(set(known.hosts)), -known.depth

    by_hosts = sorted(pages, key=order)
    source = next(column for column in by_hosts if column in linking)
    own = found[source].hosts if source in found else ()
    others = [c for c in by_hosts if c != source and c in found and found[c].hosts != own]
    others = [
        c for c in others if c in linked or len(set(found[c].hosts)) < len(data) or found[c].on_targets >= NEARLY_ALL
    ]
    return {source: Role.SOURCE} | ({others[-1]: Role.TARGET} if others else {})


def names_target(cell: str) -> bool:
    """True if a header cell names a column of linked pages: ``target_url``."""
    return canonical(cell) in _TARGETS


def _kind(cell: str) -> str:
    if not cell:
        return "nothing"
    if _DATE.match(iso(cell)) and not _NUMBER.match(cell.replace("-", "x").replace("/", "x").replace(".", "x")):
        return "date"
    if _NUMBER.match(cell):
        return "number"
    found = place(cell)
    if isinstance(found, Fault):
        return "text"
    if "://" in cell[:10]:
        return "page"
    parsed = urls.parse(f"https://{cell}")
    is_named = parsed is not None and not urls.registrable_domain(parsed.hostname).rpartition(".")[2].isdigit()
    return "domain" if is_named else "text"


def _is_header(first: list[str], kinds: list[Counter[str]]) -> bool:
    """True if the first row differs from the others: text above pages, domains, dates or numbers."""
    usual = [kind.most_common(1)[0][0] for kind in kinds]
    return any(
        _kind(cell) == "text" and kind in {"page", "domain", "date"} for cell, kind in zip(first, usual, strict=True)
    )


def _mostly(rows: list[list[str]], column: int, kind: str) -> bool:
    found = Counter(_kind(row[column]) for row in rows)
    return found[kind] > 0 and found[kind] * 10 >= 8 * (len(rows) - found["nothing"])


def _dates(rows: list[list[str]], columns: list[int]) -> dict[int, Role]:
    """Assigns columns of dates: a single one is last seen; of two, the earlier is first seen."""
    if len(columns) < 2:
        return dict.fromkeys(columns, Role.LAST_SEEN)
    first, second = columns[:2]
    earlier = sum(iso(row[first]) <= iso(row[second]) for row in rows)
    order = (first, second) if earlier * 2 >= len(rows) else (second, first)
    return dict(zip(order, (Role.FIRST_SEEN, Role.LAST_SEEN), strict=True))


def hints(cells: Iterable[str]) -> str:
    """Describes a row of cells, for the message that rejects it."""
    shown = [cell.strip()[:40] for cell in cells if fold(cell)]
    return ", ".join(shown[:8]) + (", …" if len(shown) > 8 else "")
