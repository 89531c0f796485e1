"""The file that ``spark-submit`` is given: it takes the arguments of the ``backlinkbot`` command."""

import sys

from backlinkbot.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
