"""Writes visits as lines of JSON and reads them back, so that they can be recorded again in another history.

The first line of a run describes the run; the lines up to the next such line are its visits.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import HistoryError
from backlinkbot.items import Backlink, CheckedClaim, Claim, Failure, JudgedPage, Rendering, State, Verdict
from backlinkbot.items.columns import columns_of
from backlinkbot.text.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PAGE_COLUMNS: Final = (
    *("requested_url", "url", "fetched_at", "status", "discovered_from", "depth", "candidates"),
    *("is_unchanged", "etag", "last_modified", "fingerprint", "is_partly_unknown", "certificate_fault"),
    "is_another",
)
_JOINED: Final = {"is_partly_unknown": False, "certificate_fault": "", "is_another": False}
"""Columns that older files lack, and their values there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """The line that describes a run."""

    command: str
    targets: tuple[str, ...]
    includes_own: bool = False
    started_at: str = ""
    aliases: tuple[str, ...] = ()
    """``ALIAS=TARGET``, which a recheck needs."""
    extras: tuple[str, ...] = ()
    """The optional kinds of links that the run looked for; see :data:`~backlinkbot.history.observation.EXTRAS`."""


def write_run(run: RunLine) -> str:
    """Returns the line that begins a run's visits."""
    return json.dumps({"run": dataclasses.asdict(run)})


def write_visit(page: JudgedPage) -> str:
    """Returns one visit with its rows, without the columns that recording adds."""
    columns = {name: getattr(page, name) for name in _PAGE_COLUMNS}
    if page.rendering is not None:
        columns["rendering"] = page.rendering
    if page.sketch:
        columns["sketch"] = page.sketch.hex()
    failure = dataclasses.asdict(page.failure) if page.failure is not None else None
    if page.doubt is not None:
        columns["doubt"] = dataclasses.asdict(page.doubt)
    if page.checked_claims:
        columns["judged"] = [_claim_columns(judged) for judged in page.checked_claims]
    return json.dumps(columns | {"failure": failure, "backlinks": [_columns(row) for row in page.backlinks]})


_ADDED_LATER: Final = frozenset(
    {"first_seen", "last_seen", "state", "lost_reason", "unconfirmed_since"}
    | {"claimed_by", "claim_mismatch"}  # covered by "judged"
)
# column -> whether every file has it; columns with a default were added later
_FIELDS: Final = {column.name: column.is_required for column in columns_of(Backlink) if column.name not in _ADDED_LATER}


def _columns(row: Backlink) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FIELDS}


_NOTHING_CLAIMED: Final = dataclasses.asdict(Claim(origin=""))


def _claim_columns(judged: CheckedClaim) -> dict[str, Any]:
    """Returns the columns of a judged claim; of the claim itself, those that are not empty."""
    claim = dataclasses.asdict(judged.claim)
    columns = {name: value for name, value in dataclasses.asdict(judged).items() if name != "page" or value}
    return columns | {"claim": {k: v for k, v in claim.items() if v != _NOTHING_CLAIMED[k]}}


def read(lines: Iterable[str], name: str) -> Iterator[RunLine | JudgedPage]:
    """Yields the runs and visits of the lines, in order.

    Args:
        lines: of a file that a run wrote with ``--visits``.
        name: the file's, for error messages.

    Raises:
        HistoryError: a line is neither a run nor a visit.
    """
    for number, line in enumerate(lines, 1):
        try:
            columns = loads(line)
            yield _read_run(columns["run"]) if "run" in columns else _read_visit(columns)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise HistoryError(f"{name}, line {number}: not a visit as --visits writes them ({error!r})") from error


def _read_run(columns: dict[str, Any]) -> RunLine:
    lists = {name: tuple(columns.get(name, ())) for name in ("targets", "aliases", "extras")}
    return RunLine(**columns | lists)


def _read_visit(columns: dict[str, Any]) -> JudgedPage:
    return JudgedPage(
        **{name: _as_tuple((_JOINED | columns)[name]) for name in _PAGE_COLUMNS},
        failure=_read_failure(columns["failure"]),
        doubt=_read_failure(columns.get("doubt")),
        backlinks=tuple(
            Backlink(**{name: _as_tuple(row[name]) for name, is_needed in _FIELDS.items() if is_needed or name in row})
            for row in columns["backlinks"]
        ),
        sketch=bytes.fromhex(columns.get("sketch", "")),
        rendering=Rendering(columns["rendering"]) if "rendering" in columns else None,
        checked_claims=tuple(map(_read_claim, columns.get("judged", ()))),  # files from before claims existed lack it
    )


def _read_failure(columns: dict[str, Any] | None) -> Failure | None:
    return Failure(state=State(columns["state"]), reason=columns["reason"]) if columns is not None else None


def _read_claim(columns: dict[str, Any]) -> CheckedClaim:
    claim = Claim(**{"origin": "", **{name: _as_tuple(value) for name, value in columns["claim"].items()}})
    return CheckedClaim(
        candidate=columns["candidate"],
        claim=claim,
        verdict=Verdict(columns["verdict"]),
        reasons=tuple(columns["reasons"]),
        judged_at=columns["judged_at"],
        page=columns.get("page", ""),
    )


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
