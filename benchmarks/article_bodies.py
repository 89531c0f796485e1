"""Measures placement against the article bodies that people extracted by hand (Zyte's article-extraction benchmark).

python -m benchmarks.article_bodies                     how many links of bodies, and how many others, are told content
python -m benchmarks.article_bodies --half odd --wrong  one half of the pages, with each link that is told wrongly
python -m benchmarks.article_bodies --peer              trafilatura beside it, where it is installed

The pages and their bodies lie in the shared data (``BACKLINKBOT_SHARED``): news articles, each with the text that belongs to its
body. Only links to other registrable domains count. A link is a body's where most of its words are words of the body: the words of
the page and of the body are aligned in order, so that a title that a box beside the text repeats is not taken for the text's.
Links without words (pictures) count as neither.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from backlinkbot import urls
from backlinkbot.extract.link import collapse
from backlinkbot.extract.page import PageContent
from benchmarks.measuring import interval
from tests.conformance.shared_data import unpacked

FOLDER = "article-extraction-benchmark"
_WORD = re.compile(r"\w+")
_SHORTEST_RUN = 3
"""The number of words in a row from which words of the page are those of the body, not the same by chance."""


@dataclass(frozen=True, slots=True)
class BodyLink:
    """A link of an article page to another registrable domain."""

    page: str
    """The name of its file, without the ending."""
    number: int
    """From 1, among the links of the page."""
    href: str
    anchor: str
    is_body: bool
    placement: str
    placement_by: str
    is_peers: bool
    """True if the peer's extract of the page has it."""


def names(half: str) -> list[str]:
    """The pages: all, or those with an even or odd number in the order of their names, which are hashes."""
    known = sorted(json.loads((unpacked("pages") / FOLDER / "ground-truth.json").read_text(encoding="utf-8")))
    return {"all": known, "even": known[::2], "odd": known[1::2]}[half]


def body_words(page: str, body: str) -> list[bool]:
    """Returns for each word of a page whether it belongs to the body."""
    words, wanted = ([word.casefold() for word in _WORD.findall(text)] for text in (page, body))
    found = [False] * len(words)
    for match in SequenceMatcher(None, words, wanted, autojunk=False).get_matching_blocks():
        if match.size >= _SHORTEST_RUN:
            found[match.a : match.a + match.size] = [True] * match.size
    return found


def links(half: str, *, peer: bool) -> Iterator[BodyLink]:
    """Yields the external links of the pages that have words."""
    folder = unpacked("pages") / FOLDER
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    for name in names(half):
        file = folder / "html" / f"{name}.html"
        if not file.is_file():
            continue
        raw = file.read_bytes()
        page = PageContent(raw, truth[name]["url"], "utf-8")
        outline = page.layout.outline
        is_body = body_words(outline.text, truth[name]["articleBody"])
        starts = [match.start() for match in _WORD.finditer(outline.text)]
        extracted = peers_links(raw.decode("utf-8", "replace")) if peer else Counter[tuple[str, str]]()
        own = urls.registrable_domain(page.url.hostname)
        for number, reference in enumerate(page.references, 1):
            box = outline.boxes.get(reference.element)
            if box is None or reference.url is None or not urls.is_web(reference.url):
                continue
            if urls.registrable_domain(reference.url.hostname) == own:
                continue
            words = is_body[bisect_left(starts, box.start) : bisect_left(starts, box.end)]
            if not words:
                continue
            told = page.layout.context_of(reference.element, number)
            anchor = collapse(outline.slice(box.start, box.end))
            key = (reference.raw_href.strip(), _squeezed(anchor))
            extracted[key] -= 1
            yield BodyLink(
                page=name,
                number=number,
                href=reference.raw_href,
                anchor=anchor,
                is_body=2 * sum(words) >= len(words),
                placement=told.placement,
                placement_by=told.placement_by,
                is_peers=extracted[key] >= 0,
            )


def _squeezed(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))


def peers_links(text: str) -> Counter[tuple[str, str]]:
    """The links in what trafilatura extracts of a page: (address, words)."""
    trafilatura = importlib.import_module("trafilatura")
    tree = trafilatura.bare_extraction(
        text, include_links=True, include_comments=False, include_tables=True, with_metadata=False
    )
    if tree is None:
        return Counter()
    return Counter(
        ((ref.get("target") or "").strip(), _squeezed("".join(ref.itertext()))) for ref in tree.body.iter("ref")
    )


def percent(right: int, of: int) -> str:
    """Returns the interval of a share, in percent."""
    if not of:
        return "no links"
    low, high = interval(right, of)
    return f"{100 * low:.1f} to {100 * high:.1f}"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("all", "even", "odd"), default="all")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    found = list(links(options.half, peer=options.peer))
    bodies, others = [one for one in found if one.is_body], [one for one in found if not one.is_body]
    print(
        f"{len({one.page for one in found})} pages with external links: {len(bodies)} in bodies, {len(others)} others\n"
    )
    print("| told content | of links in bodies | of other links |\n|---|---:|---:|")
    judges = {"backlinkbot": lambda one: one.placement == "content"}
    if options.peer:
        judges["trafilatura"] = lambda one: one.is_peers
    for name, judge in judges.items():
        shares = [(sum(map(judge, group)), len(group)) for group in (bodies, others)]
        print(f"| {name} | " + " | ".join(f"{n / (of or 1):.1%} ({percent(n, of)})" for n, of in shares) + " |")
    if options.wrong:
        for one in found:
            if one.is_body != (one.placement == "content"):
                where = "body" if one.is_body else "other"
                print(
                    f"{one.page[:8]} {one.number} {where} told {one.placement} by {one.placement_by}: {one.anchor[:50]} {one.href[:70]}"
                )


if __name__ == "__main__":
    main()
