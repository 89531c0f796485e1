"""Kills crawls at random moments, and checks each time that the history holds whole visits and has lost nothing.

python -m benchmarks.kills [--kills 200] [--resume discover|verify] [--postgresql | --history URL] [--seed N]

With --resume the same command is given again after each kill, until it is finished; its output must be that of an unbroken run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

from tests.kills import Killings
from tests.postgres import PostgresServer
from tests.resuming import Resumptions


def main() -> None:
    parser = argparse.ArgumentParser(description="Kills crawls and looks at their history.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument(
        "--resume", choices=("discover", "verify"), help="give the same command again until it is finished"
    )
    parser.add_argument("--history", help="an empty database; without it, a SQLite file that goes again")
    parser.add_argument("--postgresql", action="store_true", help="a PostgreSQL server that goes again")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backlinkbot-kills-")))
        url = arguments.history or str(folder / "backlinks.db")
        if arguments.postgresql:
            url = stack.enter_context(PostgresServer()).database()
        began = time.monotonic()
        chance = Random(arguments.seed)
        if arguments.resume:
            killings: Killings | Resumptions = stack.enter_context(Resumptions(folder, url, arguments.resume, chance))
        else:
            killings = stack.enter_context(Killings(folder, url, chance))
        while killings.kills < arguments.kills:
            killings.kill()
        kind = "PostgreSQL" if "://" in url else "SQLite"
        print(f"{kind}: {killings}, in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
