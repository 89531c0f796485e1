"""Runs the ``backlinkbot`` command: ``python -m backlinkbot``."""

import sys

from backlinkbot.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
