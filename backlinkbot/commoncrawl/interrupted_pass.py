"""Saves the state of a pass over a graph, so that the next pass continues an interrupted one at its last resume point."""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.commoncrawl.line_blocks import is_remote
from backlinkbot.commoncrawl.resume_points import ResumePoint
from backlinkbot.files.atomic import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backlinkbot.commoncrawl.releases import GraphFiles
    from backlinkbot.targets import Targets

_VERSION: Final = 1
_BYTES: Final = ("window", "sample", "pending")
"""The fields of a resume point that are bytes."""


@dataclass(frozen=True, slots=True)
class InterruptedPass:
    """The state of a pass whose edges were read up to a resume point."""

    numbers: Mapping[str, Sequence[int]]
    """Target -> the numbers of its names in the graph."""
    wider: Sequence[str]
    """Targets whose registrable domain alone is in the graph."""
    total: int
    """The domains of the graph."""
    point: ResumePoint
    linking: Sequence[array[int]]
    """For each of the targets' numbers, ascending, the domains that link to it by the edges before the resume point."""


def identity_of(files: GraphFiles) -> list[tuple[str, int, int]]:
    """Returns what identifies the files of a graph: name, size and modification time of local files, the URL of others."""
    return [
        (name, 0, 0) if is_remote(name) else (Path(name).name, Path(name).stat().st_size, Path(name).stat().st_mtime_ns)
        for name in (*files.vertices, *files.edges, *([files.ranks] if files.ranks else []))
    ]


def state_file(folder: Path, files: GraphFiles, targets: Targets) -> Path:
    """Returns the file for the state of a pass over a graph: its name is a hash of the graph and the targets."""
    names = sorted((target.name, sorted(map(str, target.places))) for target in targets)
    digest = hashlib.sha256(json.dumps([_VERSION, sys.byteorder, identity_of(files), names]).encode()).hexdigest()
    return folder / "graphs" / f"{digest[:24]}.pass"


def write_state(file: Path, state: InterruptedPass) -> None:
    """Writes a state in place of an earlier one; raises OutputError."""
    point = state.point
    parts = [getattr(point, name) for name in _BYTES] + [sources.tobytes() for sources in state.linking]
    facts = {
        "numbers": {target: list(numbers) for target, numbers in state.numbers.items()},
        "wider": list(state.wider),
        "total": state.total,
        "point": [point.file, point.offset, point.bit, point.length],
        "sizes": [len(part) for part in parts],
    }
    write_whole(file, json.dumps(facts).encode() + b"\n" + b"".join(parts))


def read_state(file: Path) -> InterruptedPass | None:
    """Returns the state that an earlier pass saved; None if there is none, or a damaged one."""
    try:
        line, _, rest = file.read_bytes().partition(b"\n")
        facts: dict[str, Any] = json.loads(line)
        parts, at = [], 0
        for size in facts["sizes"]:
            parts.append(rest[at : at + size])
            at += size
        if at != len(rest):
            return None
        number, offset, bit, length = facts["point"]
        point = ResumePoint(
            file=number, offset=offset, bit=bit, length=length, **dict(zip(_BYTES, parts, strict=False))
        )
        linking = [array("I", part) for part in parts[len(_BYTES) :]]
        return InterruptedPass(facts["numbers"], facts["wider"], facts["total"], point, linking)
    except (OSError, ValueError, KeyError, TypeError):
        return None
