"""What `verify` and `discover` cost beside another checkout, with and without a history, in pairs.

    python -m benchmarks.pairs --against FOLDER [MODE ...] [--pages N ...] [--pairs N] [--web planted|recorded]

A mode is a command and a history: `verify` and `discover` have none, `verify-new` and `discover-new` begin one, `verify-again`
and `discover-again` visit the same pages again, over the history that a first run has left. Each checkout runs with the
interpreter and the libraries of its own `.venv`, and both take turns. What a run takes is the processor time of its process.

The pages are served by nginx on loopback. Each of the planted ones links to the target, once, among sixty other links; of the
recorded ones few do; `discover` visits all of the little web then, whatever the number of pages. With two numbers of pages, the cost of a
start and that of a page are told apart.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from benchmarks.contenders import CONCURRENCY, TARGET
from benchmarks.measuring import CommandError, MissingError, cpu_seconds, machine, two_sides
from benchmarks.rendering import PROJECT, START, python_of
from benchmarks.sites import Nginx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MODES: Final = ("verify", "verify-new", "verify-again", "discover", "discover-new", "discover-again")
OURS: Final = (
    *("--delay", "0", "--concurrency", str(CONCURRENCY), "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={CONCURRENCY}"),
    *("--allow-private", "--render", "never", "-o", "rows.csv", "-s", "BACKLINKBOT_CACHE_DIR=cache"),
)
DATABASE: Final = ("backlinks.db", "backlinks.db-wal", "backlinks.db-shm", "backlinks.db-turns")
_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><link rel="stylesheet" href="/site.css">
<meta name="description" content="{title}"></head>
<body><header class="site-header"><nav class="menu"><ul>{menu}</ul></nav></header>
<main class="content"><article class="post"><h1>{title}</h1>
{text}
</article><aside class="sidebar"><ul>{others}</ul></aside></main>
<footer class="site-footer"><p>{footer}</p></footer></body></html>
"""
_SYLLABLES: Final = (
    "ba",
    "cor",
    "di",
    "fen",
    "gal",
    "hu",
    "il",
    "ma",
    "nor",
    "pe",
    "qui",
    "ro",
    "sta",
    "tu",
    "ver",
    "zo",
)
_LINKS: Final = 4
"""Other pages of the planted web that each of its pages links to, so that it is found from its first."""


def planted(number: int, pages: int) -> str:
    """Returns one of so many pages: an article of some 5 KB, with a link to the target."""
    random = Random(number)

    def words(count: int) -> str:
        return " ".join("".join(random.choices(_SYLLABLES, k=random.randint(1, 3))) for _ in range(count))

    paragraphs = [f'<p class="text">{words(70)}</p>' for _ in range(8)]
    link = f'<a href="https://{TARGET}/wiki/{random.randrange(1_000)}">{words(3)}</a>'
    paragraphs.insert(random.randint(1, 7), f"<p>{words(20)} {link} {words(20)}</p>")
    children = range(_LINKS * number + 1, min(_LINKS * number + _LINKS + 1, pages))
    inner = [str(child) for child in children]
    outer = [f"https://site-{random.randrange(500)}.example/{words(1)}" for _ in range(20)]
    return _PAGE.format(
        title=words(5).title(),
        menu="".join(f'<li><a href="{first}">{words(1)}</a></li>' for first in range(min(30, pages))),
        text="\n".join(paragraphs),
        others="".join(f'<li><a href="{href}">{words(3)}</a></li>' for href in (*inner, *outer)),
        footer=words(12),
    )


@dataclass(slots=True)
class Side:
    """A checkout, and what its runs took."""

    project: Path
    folder: Path
    seconds: list[float] = field(default_factory=list)
    pages: int = 0


class Bench:
    """Two checkouts, and a server that both visit."""

    def __init__(self, nginx: Nginx, folder: Path, projects: Sequence[Path], client: set[int]) -> None:
        self._nginx, self._client = nginx, client
        self._projects, self._folder = projects, folder
        self._planted: dict[int, list[str]] = {}

    def plant(self, sizes: Sequence[int]) -> None:
        """Makes a planted web of each size."""
        webs = {str(size): [planted(number, size) for number in range(size)] for size in sizes}
        self._planted = {int(name): urls for name, urls in self._nginx.lay_out_planted(webs).items()}

    def measure(self, mode: str, pages: int, pairs: int) -> tuple[Side, Side]:
        """Runs both in turn; before the first pair each runs once, and makes what is kept."""
        before, after = sides = [
            Side(path, self._fresh(f"{name}")) for name, path in zip("ab", self._projects, strict=True)
        ]
        command, _, kind = mode.partition("-")
        for side in sides:
            self._run(side, command, pages, has_history=bool(kind))
            kept = side.folder / "kept"
            kept.mkdir()
            for name in DATABASE:
                if (side.folder / name).exists():
                    shutil.move(side.folder / name, kept / name)
        for number in range(pairs):
            for side in sides if number % 2 else sides[::-1]:
                for name in DATABASE:
                    (side.folder / name).unlink(missing_ok=True)
                    if kind == "again" and (side.folder / "kept" / name).exists():
                        shutil.copy(side.folder / "kept" / name, side.folder / name)
                side.seconds.append(self._run(side, command, pages, has_history=bool(kind)))
            print(f"  {mode} {before.seconds[-1]:.2f} s, {after.seconds[-1]:.2f} s", file=sys.stderr)
        return before, after

    def _fresh(self, name: str) -> Path:
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _run(self, side: Side, command: str, pages: int, *, has_history: bool) -> float:
        for name in ("rows.csv", "checks.csv"):
            (side.folder / name).unlink(missing_ok=True)
        words = [*self._words(side.folder, command, pages), *OURS, "--history", "backlinks.db" if has_history else ""]
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(side.folder),
            "PYTHONPATH": str(side.project),
        }
        if not self._planted and command == "discover":
            environment |= {"http_proxy": self._nginx.proxy, "https_proxy": self._nginx.proxy}
        line = (python_of(side.project), "-c", START, command, TARGET, *words)
        seconds = cpu_seconds(line, side.folder, environment, self._client)
        side.pages = self._nginx.served().pages
        if self._planted and side.pages != pages:
            raise CommandError(f"{side.project} fetched {side.pages} of {pages} pages")
        return seconds

    def _words(self, folder: Path, command: str, pages: int) -> Iterator[str]:
        file = folder / "list.txt"
        urls = self._planted.get(pages) or self._nginx.urls[:pages]
        if command == "verify":
            file.write_text("\n".join(urls) + "\n", encoding="utf-8")
            yield from ("--candidates", str(file), "--checks", "checks.csv")
            return
        seeds = urls[:1] if self._planted else self._nginx.seeds
        file.write_text("\n".join(seeds) + "\n", encoding="utf-8")
        yield from ("--seed", f"@{file}", "--follow", "same-host", "--source", "none")


def line_of(mode: str, pages: int, before: Side, after: Side) -> str:
    """Returns a line of the table."""
    ratios = sorted(now / was for was, now in zip(before.seconds, after.seconds, strict=True))
    was, now = statistics.median(before.seconds), statistics.median(after.seconds)
    return (
        f"| {mode} | {pages:,} | {before.pages:,}, {after.pages:,} | {was:.2f} | {now:.2f} | {statistics.median(ratios):.3f} "
        f"| {ratios[0]:.3f} to {ratios[-1]:.3f} | {min(after.seconds) / min(before.seconds):.3f} |"
    )


def split_of(mode: str, sizes: Sequence[int], measured: Sequence[tuple[Side, Side]]) -> str:
    """Returns what a start and what a page cost in each checkout, from the smallest and the largest number of pages."""
    few, many = sizes[0], sizes[-1]
    said = []
    for name, fewer, more in zip(("before", "after"), measured[0], measured[-1], strict=True):
        small, large = statistics.median(fewer.seconds), statistics.median(more.seconds)
        page = (large - small) / (many - few)
        said.append(f"{name} {small - few * page:.2f} s and {page * 1e3:.3f} ms a page")
    return f"{mode}: {'; '.join(said)}"


def measure(bench: Bench, modes: Sequence[str], sizes: Sequence[int], options: argparse.Namespace) -> None:
    """Measures and prints each mode at each size."""
    print(f"\n{options.web} pages, {options.pairs} pairs, CPU seconds of a run\n")
    print("| mode | pages | fetched | before | after | after to before | lowest to highest | of the lowest |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    splits = []
    for mode in modes:
        # All of the little web is discovered, whatever the number of pages.
        ours = sizes if options.web == "planted" or not mode.startswith("discover") else sizes[-1:]
        measured = []
        for size in ours:
            measured.append(bench.measure(mode, size, options.pairs))
            print(line_of(mode, size, *measured[-1]), flush=True)
        if len(ours) > 1:
            splits.append(split_of(mode, ours, measured))
    print("\n" + "\n".join(splits))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modes", nargs="*", metavar="MODE", help=f"of {', '.join(MODES)} (default: all)")
    parser.add_argument("--against", type=Path, required=True, help="the other checkout")
    parser.add_argument("--pages", type=int, nargs="+", default=[1_000, 3_000])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--web", choices=("planted", "recorded"), default="planted")
    options = parser.parse_args()
    if unknown := set(options.modes) - {*MODES}:
        parser.error(f"no such mode: {', '.join(sorted(unknown))}")
    client, server = two_sides()
    sizes = sorted(set(options.pages))
    print(machine())
    with tempfile.TemporaryDirectory(prefix="backlinkbot-pairs-") as scratch:
        folder = Path(scratch)
        (folder / "nginx").mkdir()
        try:
            nginx = Nginx(folder / "nginx", server)
        except MissingError as missing:
            print(f"skipped: {missing}", file=sys.stderr)
            return 0
        bench = Bench(nginx, folder, (options.against.resolve(), PROJECT), client)
        try:
            if options.web == "planted":
                bench.plant(sizes)
            else:
                nginx.lay_out(sizes[-1])
            with nginx:
                measure(bench, options.modes or MODES, sizes, options)
        except MissingError as missing:
            print(f"skipped: {missing}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
