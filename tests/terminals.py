"""Runs a command on a real pseudo-terminal of a given width, and reads what its screen shows."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.cells import cell_len

from tests.conftest import as_quick_command, environment
from tests.fakeweb import FakeWeb

ERASE: Final = "\r\x1b[2K"
_STYLE: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a terminal got of a command."""

    status: int
    """The exit status."""
    text: str
    """Everything that was written, as it was written."""

    @property
    def plain(self) -> str:
        """The text without styles; anything else that a terminal obeys is still in it."""
        return re.sub(r"\r+\n", "\n", _STYLE.sub("", self.text))

    @property
    def lines(self) -> list[str]:
        """The lines that stay on the screen."""
        kept = [line.rpartition(ERASE)[2] for line in self.plain.split("\n")]
        assert not any("\x1b" in line or "\r" in line for line in kept), kept
        return [line for line in kept if line]

    @property
    def statuses(self) -> list[str]:
        """Every text of the status line, in order."""
        pieces = re.split(r"\r\x1b\[2K", self.plain)[1:]
        return [
            piece for piece in (piece.partition("\n")[0] for piece in pieces) if re.match(r"[━─]|\d+ pages?\b", piece)
        ]

    @property
    def widest(self) -> int:
        """The cells of the widest thing that was drawn on one line, kept or not."""
        pieces = re.split(r"\r\x1b\[2K|\n", self.plain)
        return max(cell_len(piece) for piece in pieces)


def on_terminal(
    web: FakeWeb,
    *words: str | Path,
    columns: int = 80,
    cwd: Path | None = None,
    stdout: bool = True,
    stderr: bool = True,
    variables: dict[str, str] | None = None,
) -> Shown:
    """Run a command whose standard streams are a terminal, to its end; a stream can be sent to nowhere instead."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    child = subprocess.Popen(
        as_quick_command(*words),
        env=environment(web) | {"TERM": "xterm", "COLUMNS": ""} | (variables or {}),
        cwd=cwd,
        stdin=theirs,
        stdout=theirs if stdout else subprocess.DEVNULL,
        stderr=theirs if stderr else subprocess.DEVNULL,
    )
    os.close(theirs)
    shown = everything_sent_to(ours)
    return Shown(child.wait(timeout=180), shown.decode())


def everything_sent_to(terminal: int) -> bytes:
    """Reads our end of a pseudo-terminal until the other end is closed, and closes it."""
    sent = b""
    while select.select([terminal], [], [], 300)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says so where the other end is closed
            break
        if not data:
            break
        sent += data
    os.close(terminal)
    return sent
