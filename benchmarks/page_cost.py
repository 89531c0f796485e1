"""What a page costs by its rows, 1 to 10,000, and by its size, 10 KB to 10 MB: does the cost grow in a straight line?

    python -m benchmarks.page_cost [--rounds N] [--most-rows N] [--most-kilobytes N]

Each point is a made page that is parsed and whose links to the target are read with all that is said of them, without the
bounds of a crawl. The first table has paragraphs with one such link each; in the second, ten links to the target stand in
articles of text and links of the site's own. Every round makes its pages anew, of other words and addresses. The points
take turns. The exponent compares a point with the one before it: 1 is a straight line, 2 a cost that grows with the square.
An outline ends after 20,000 elements or two million characters, see :mod:`backlinkbot.extract.placement.outline`: rows and
sizes beyond cost less.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.extract.page import PageContent
from backlinkbot.targets import Targets
from benchmarks.measuring import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROWS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
KILOBYTES = (10, 30, 100, 300, 1_000, 3_000, 10_000)
LINKS_OF_SIZES = 10
"""The links to the target of each page of the second table."""
STEEPEST = 1.25
"""The exponent up to which a cost counts as linear: caches and the collector of garbage add a little."""
TARGETS = Targets.parse(["target.example"])
WORDS = [
    "and",
    "between",
    "beside",
    "cities",
    "from",
    "garden",
    "harvest",
    "kitchen",
    "letters",
    "many",
    "of",
    "paper",
    "river",
    "stone",
    "the",
    "their",
    "through",
    "with",
]


def page_of_rows(rows: int, dice: random.Random) -> bytes:
    """Returns a page with so many paragraphs, each with a link to a page of the target."""
    paragraphs = [
        f"<p>{_words(dice, 8)} <a href=https://target.example/{dice.getrandbits(40)}>{_words(dice, 3)}</a>, {_words(dice, 8)}."
        for _ in range(rows)
    ]
    return f"<!doctype html><title>Links</title><main>{''.join(paragraphs)}</main>".encode()


def page_of_size(kilobytes: int, dice: random.Random) -> bytes:
    """Returns a page of so many kilobytes, with ten links to pages of the target spread over it."""
    parts = ["<!doctype html><title>Text</title><main>"]
    size, due = 0, 0
    while size < kilobytes * 1_000:
        number = dice.getrandbits(40)
        part = (
            f"<article class=entry><h2>{_words(dice, 4)}</h2><p>{_words(dice, 60)}</p><ul><li><a href=/{number}>"
            f"{_words(dice, 3)}</a><li><a href=/tags/{number}>{_words(dice, 2)}</a></ul></article>"
        )
        while due < LINKS_OF_SIZES and size >= due * kilobytes * 100:
            part += f"<p>{_words(dice, 5)} <a href=https://target.example/{number}/{due}>{_words(dice, 3)}</a>.</p>"
            due += 1
        parts.append(part)
        size += len(part)
    return "".join((*parts, "</main>")).encode()


def _words(dice: random.Random, number: int) -> str:
    return " ".join(dice.choices(WORDS, k=number))


@dataclass(slots=True)
class Point:
    """A page of a curve, and the CPU seconds that it took in each round."""

    amount: int
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def seconds_of(body: bytes) -> float:
    """Returns the CPU seconds that a page's links to the target take, all columns told."""
    gc.collect()
    gc.disable()
    began = time.thread_time()
    content = PageContent(body, "https://page.example/", "utf-8")
    for _ in content.links_to(TARGETS.match, LinkBound(0, 0)):
        pass
    spent = time.thread_time() - began
    gc.enable()
    return spent


def curve(make: Callable[[int, random.Random], bytes], amounts: Sequence[int], rounds: int) -> list[Point]:
    """Measures a page of each amount in each round."""
    dice, points = random.Random(0), [Point(amount) for amount in amounts]
    seconds_of(make(amounts[0], dice))  # what the first page of a process makes for all
    for _ in range(rounds):
        for point in dice.sample(points, len(points)):
            point.seconds.append(seconds_of(make(point.amount, dice)))
    return points


def exponents(points: Sequence[Point]) -> list[float]:
    """Returns how the cost grows from each point to the next: 1 where twice the amount costs twice as much."""
    return [
        log(later.median / earlier.median) / log(later.amount / earlier.amount) for earlier, later in pairwise(points)
    ]


def table(what: str, points: Sequence[Point]) -> str:
    """The curve as Markdown."""
    lines = [f"| {what} | CPU ms | lowest to highest | us each | exponent |", "|---:|---:|---:|---:|---:|"]
    for point, exponent in zip(points, ["", *(f"{one:.2f}" for one in exponents(points))], strict=True):
        spread = f"{min(point.seconds) * 1e3:.2f} to {max(point.seconds) * 1e3:.2f}"
        each = point.median / point.amount * 1e6
        lines.append(f"| {point.amount:,} | {point.median * 1e3:.2f} | {spread} | {each:.1f} | {exponent} |")
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """The command; the words of the command line are read unless others are given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most-rows", type=int, default=ROWS[-1])
    parser.add_argument("--most-kilobytes", type=int, default=KILOBYTES[-1])
    options = parser.parse_args(words)
    by_rows = curve(page_of_rows, [rows for rows in ROWS if rows <= options.most_rows], options.rounds)
    by_size = curve(page_of_size, [size for size in KILOBYTES if size <= options.most_kilobytes], options.rounds)
    print(machine(), table("rows", by_rows), table("KB", by_size), sep="\n\n")
    steepest = max((*exponents(by_rows), *exponents(by_size)), default=0.0)
    print(f"\nsteepest exponent {steepest:.2f}: {'linear' if steepest <= STEEPEST else 'NOT linear'}")
    return 0 if steepest <= STEEPEST else 1


if __name__ == "__main__":
    sys.exit(main())
