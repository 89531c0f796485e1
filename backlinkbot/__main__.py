"""Runs the ``backlinkbot`` command: ``python -m backlinkbot``."""

import gc
import sys
from typing import Final

_INTERRUPTED: Final = 130
_GARBAGE: Final = 20_000
"""New objects after which garbage is collected; almost all objects of a start are modules, functions and classes, which stay."""


def main() -> int:
    """Runs the command line; returns the exit status. An interrupt ends it quietly also while modules are imported."""
    gc.set_threshold(_GARBAGE, 20)
    try:
        from backlinkbot.cli.main import main as command  # noqa: PLC0415

        return command()
    except KeyboardInterrupt:
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
