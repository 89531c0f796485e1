"""Prints texts on standard output, long ones in the user's pager."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from backlinkbot.text.terminal_escaping import raw

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAGER: Final = "less"
_PAGER_OPTIONS: Final = "FRX"
"""Of ``less`` where the variable ``LESS`` is not set, as git has them: quit if one screen is enough, styles, no clearing."""


def print_lines(lines: Iterable[str], *, is_paged: bool = True) -> None:
    """Prints lines unescaped: in the user's pager if standard output is a terminal and ``is_paged``."""
    if is_paged and sys.stdout.isatty() and _page(lines):
        return
    with contextlib.suppress(BrokenPipeError):
        raw(sys.stdout).writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()


def _page(lines: Iterable[str]) -> bool:
    """Shows lines in the user's pager; false if there is none: ``PAGER`` is empty or ``cat``, or it cannot be started."""
    command = shlex.split(os.environ.get("PAGER", _PAGER))
    if not command or command == ["cat"]:
        return False
    variables = {"LESS": _PAGER_OPTIONS} | os.environ
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=variables, text=True, errors="replace")  # noqa: S603 - the user's own
    except OSError:
        return False
    with contextlib.suppress(BrokenPipeError), pager:
        if pager.stdin is not None:
            pager.stdin.writelines(f"{line}\n" for line in lines)
    return True
