"""Runs the ``backlinkbot`` command: ``python -m backlinkbot``."""

import sys
from typing import Final

_INTERRUPTED: Final = 130


def main() -> int:
    """Runs the command line; returns the exit status. An interrupt ends it quietly also while modules are imported."""
    try:
        from backlinkbot.cli.main import main as command  # noqa: PLC0415

        return command()
    except KeyboardInterrupt:
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
