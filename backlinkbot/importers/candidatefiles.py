"""Reads and writes candidates in this program's own formats: JSONL, or CSV with one row per claim."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from math import isfinite
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.importers.outcomes import BadRow, Fault, RowResult
from backlinkbot.items import Candidate, Claim
from backlinkbot.text.csv_escaping import guard, unguard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_CLAIM: Final = [(field.name, field.default) for field in fields(Claim)]
CSV_COLUMNS: Final = ("url", "is_domain", "claim", *(name for name, _ in _CLAIM))
"""Column ``claim`` numbers the claims of a candidate from 1; it is 0 for a candidate without claims."""
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "row": (int,),
    "rel": (list,),
    "follow": (bool, type(None)),
    "is_lost": (bool,),
    "confidence": (int, float),
}
_WORDS: Final = {True: "true", False: "false", None: ""}
_encode: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def as_line(candidate: Candidate) -> bytes:
    """Formats a candidate as a line of JSON; unknown facts are left out."""
    claims = [
        {name: value for name, default in _CLAIM if (value := getattr(claim, name)) != default}
        for claim in candidate.claims
    ]
    return encoded({"url": candidate.url, "is_domain": candidate.is_domain, "claims": claims})


def encoded(value: Mapping[str, Any]) -> bytes:
    """Formats a line of JSON; a lone surrogate, which UTF-8 cannot encode, is escaped."""
    try:
        return _encode(value).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value).encode() + b"\n"


def candidate_of(row: Mapping[str, Any]) -> Candidate | None:
    """Parses the candidate of a line; returns None if the line is invalid."""
    url, is_domain, claims = row.get("url"), row.get("is_domain", False), row.get("claims", [])
    if not (isinstance(url, str) and url and isinstance(is_domain, bool) and isinstance(claims, list)):
        return None
    read = [_claim_of(claim) for claim in claims]
    known = tuple(claim for claim in read if claim is not None)
    return Candidate(url=url, claims=known, is_domain=is_domain) if len(known) == len(read) else None


def _claim_of(row: Any) -> Claim | None:
    if not isinstance(row, dict) or not isinstance(row.get("origin"), str):
        return None
    facts = {name: row[name] for name, _ in _CLAIM if name in row}
    if not all(isinstance(value, _TYPES.get(name, (str,))) for name, value in facts.items()) or not _is_sound(facts):
        return None
    if "rel" in facts:
        facts["rel"] = tuple(map(str, facts["rel"]))
    return Claim(**facts)


def _is_sound(facts: Mapping[str, Any]) -> bool:
    """True if the numbers are in the ranges that this program writes and a history accepts."""
    return abs(facts.get("row", 0)) < 2**63 and isfinite(facts.get("confidence", 0))


# --- CSV ---

_FROM_CELL: Final[Mapping[str, Callable[[str], Any]]] = {
    "row": int,
    "rel": lambda cell: tuple(cell.split(",")) if cell else (),
    "follow": lambda cell: _boolean(cell) if cell else None,
    "is_lost": {"true": True, "false": False}.__getitem__,
    "confidence": float,
}


def csv_rows(candidates: Iterable[Candidate]) -> Iterator[bytes]:
    """Yields lines of CSV, a header first."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(CSV_COLUMNS)
    for candidate in candidates:
        start = (guard(candidate.url), _WORDS[candidate.is_domain])
        for number, claim in enumerate(candidate.claims, start=1):
            writer.writerow((*start, number, *(_cell(getattr(claim, name)) for name, _ in _CLAIM)))
        if not candidate.claims:
            writer.writerow((*start, 0, *("" for _ in _CLAIM)))
        yield lines.getvalue().encode("utf-8", "replace")
        lines.seek(0)
        lines.truncate()
    yield lines.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return guard(",".join(value))
    return _WORDS[value] if isinstance(value, bool | None) else guard(str(value))


def read_csv(
    rows: Iterable[tuple[int, Sequence[str] | BadRow]], header: Sequence[str], name: str
) -> Iterator[RowResult]:
    """Yields the candidates of such rows; a wrong row becomes a bad row, and its candidate continues without it."""
    url, is_domain = "", False
    claims: list[Claim] = []
    for number, row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        cells = {column: unguard(cell) for column, cell in zip(header, row, strict=False)}
        try:
            count, row_url, row_is_domain = int(cells["claim"]), cells["url"], _boolean(cells["is_domain"])
            facts = {key: _FROM_CELL.get(key, str)(cells.get(key, "")) for key, _ in _CLAIM} if count else {}
            if not _is_sound(facts):
                raise ValueError  # noqa: TRY301 - handled like an invalid cell
        except (ValueError, KeyError):
            yield BadRow(file=name, row=number, reason=Fault.NOT_OF_THE_FORMAT, text=",".join(row)[:200])
            continue
        if url and (count <= 1 or row_url != url):
            yield Candidate(url=url, claims=tuple(claims), is_domain=is_domain)
            claims = []
        url, is_domain = row_url, row_is_domain
        if facts:
            claims.append(Claim(**facts))
    if url:
        yield Candidate(url=url, claims=tuple(claims), is_domain=is_domain)


def _boolean(cell: str) -> bool:
    return {"true": True, "false": False}[cell]


def write(file: IO[bytes], candidates: Iterable[Candidate], *, is_csv: bool) -> None:
    """Writes candidates in their order."""
    file.writelines(csv_rows(candidates) if is_csv else map(as_line, candidates))
