"""Writes the figures of a run as a file for the textfile collector of Prometheus' node_exporter."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.files.atomic import write_whole
from backlinkbot.items import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from backlinkbot.alerts.event import RunEnd

_SUCCESS: Final = "backlinkbot_last_success_timestamp_seconds"
_FORMER: Final = re.compile(rf"^{_SUCCESS}\{{(.*)\}} (\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$", re.MULTILINE)
_HELP: Final[Mapping[str, str]] = {
    "backlinkbot_last_run_timestamp_seconds": "When the last run ended, as Unix time.",
    _SUCCESS: "When the last run that did its work ended, as Unix time.",
    "backlinkbot_last_run_success": "1 if the last run did its work, else 0.",
    "backlinkbot_last_run_exit_status": "The exit status of the last run.",
    "backlinkbot_last_run_duration_seconds": "How long the last run took.",
    "backlinkbot_pages_visited": "Pages that the last run visited.",
    "backlinkbot_pages_read": "Pages that the last run could read.",
    "backlinkbot_pages_failed": "Pages that the last run could not read, by state.",
    "backlinkbot_backlinks": "Links that the last run reported.",
    "backlinkbot_referring_pages": "Pages with such links.",
    "backlinkbot_referring_domains": "Registrable domains of these pages.",
    "backlinkbot_changes": "Changes that the last run found, by kind.",
}
"""Every metric, with its help; all are gauges."""


def write_metrics(path: Path, end: RunEnd, now: float) -> None:
    """Writes the file, whole or not at all; the time of the last success is kept from the former file if this run failed.

    A time is kept only for the same command and targets: another command's success says nothing of this one.

    Args:
        path: the file; the textfile collector reads names that end in ``.prom``.
        end: how the run ended.
        now: the current Unix time.

    Raises:
        OutputError: it cannot be written.
    """
    write_whole(path, metrics_text(end, now, _last_success(path, _written(_labels(end)))).encode())


def metrics_text(end: RunEnd, now: float, last_success: float | None) -> str:
    """Returns the metrics in Prometheus' text format 0.0.4."""
    labels = _labels(end)
    by_name: dict[str, list[str]] = {name: [] for name in _HELP}
    for name, more, value in _samples(end, now, last_success):
        by_name[name].append(f"{name}{{{_written({**labels, **more})}}} {value!r}")
    lines: list[str] = []
    for name, samples in by_name.items():
        if samples:
            lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge", *samples]
    return "\n".join(lines) + "\n"


def _samples(end: RunEnd, now: float, last_success: float | None) -> Iterator[tuple[str, dict[str, str], float | int]]:
    is_done = not end.exit_status
    yield "backlinkbot_last_run_timestamp_seconds", {}, now
    success = now if is_done else last_success
    if success is not None:
        yield _SUCCESS, {}, success
    yield "backlinkbot_last_run_success", {}, int(is_done)
    yield "backlinkbot_last_run_exit_status", {}, end.exit_status
    figures = end.summary
    if figures is None:
        return
    if figures["seconds"] is not None:
        yield "backlinkbot_last_run_duration_seconds", {}, figures["seconds"]
    for name in ("pages_visited", "pages_read", "backlinks", "referring_pages", "referring_domains"):
        yield f"backlinkbot_{name}", {}, figures[name]
    for state, count in figures["pages_failed"].items():
        yield "backlinkbot_pages_failed", {"state": str(state)}, count
    if end.run is not None:
        kinds: dict[str, Any] = figures["counts"]
        for kind in ChangeKind:
            yield "backlinkbot_changes", {"kind": kind.value}, kinds.get(f"remembering/{kind.value}", 0)


def _labels(end: RunEnd) -> dict[str, str]:
    return {"command": end.command, "targets": ",".join(end.targets)}


def _written(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    plain = value.encode("utf-8", "replace").decode()
    return plain.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _last_success(path: Path, labels: str) -> float | None:
    try:
        found: Iterable[tuple[str, str]] = _FORMER.findall(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return max((float(time) for of, time in found if of == labels), default=None)
