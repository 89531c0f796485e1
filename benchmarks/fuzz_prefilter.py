"""Look for a page that links to a target and that the prefilter would not have parsed.

Generated pages (``tests/hidden_hosts.py``) by default, a million of them; with ``--pages`` all shared pages, with
targets drawn from what they really link to. Truth is our own parser, and for generated pages two further ones where
they are installed. A counterexample is shrunk and printed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import count, takewhile
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from backlinkbot import urls
from backlinkbot.extract import unwrap
from backlinkbot.extract.other_links import typed
from backlinkbot.extract.page import PageContent
from backlinkbot.prefilter import HAS_HYPERSCAN, Prefilter
from backlinkbot.targets import Target, Targets
from tests.conformance.shared_data import saved_pages
from tests.hidden_hosts import TARGET_SETS, Case, make_case, names_target, shrink, target_set

try:
    import lxml.html
    from selectolax.lexbor import LexborHTMLParser
except ImportError:
    HAS_OTHER_READERS = False
else:
    HAS_OTHER_READERS = True

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from backlinkbot.urls import URL

CHUNK = 5_000

# --- what each parser finds ---------------------------------------------------------------------------------------


def read_ours(case: Case, content: PageContent) -> bool:
    return names_target(content, target_set(case.chosen))


def _decoded(case: Case, content: PageContent) -> str:
    body = case.body.removeprefix(b"\xef\xbb\xbf") if content.encoding == "UTF-8" else case.body
    codec = {"x-user-defined": "ascii", "replacement": "ascii", "iso-8859-8-i": "iso-8859-8", "gbk": "gb18030"}
    name = content.encoding.lower()
    return body.decode(codec.get(name, name), "replace")


def _any_match(case: Case, hrefs: Iterable[str], base: str | None) -> bool:
    page = urls.parse(case.url)
    assert page is not None
    start = (urls.resolve(base, page) if base is not None else None) or page
    found = (urls.resolve(href, start) for href in hrefs)
    return any(url is not None and target_set(case.chosen).match(url) for url in found)


def read_lexbor(case: Case, content: PageContent) -> bool:
    tree = LexborHTMLParser(_decoded(case, content))
    links = [node.attributes for node in tree.css("a, area")]
    bases = (node.attributes["href"] for node in tree.css("base[href]") if "href" in node.attributes)
    hrefs = (a.get("href") or a.get("xlink:href") or "" for a in links if "href" in a or "xlink:href" in a)
    return _any_match(case, hrefs, next(bases, None))


_UTF8 = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True) if HAS_OTHER_READERS else None


def read_lxml(case: Case, content: PageContent) -> bool:
    text = _decoded(case, content).encode("utf-8", "replace")
    try:
        tree = lxml.html.document_fromstring(text, parser=_UTF8)
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError):
        return False
    hrefs = [href for node in tree.iter("a", "area") for key in ("href", "xlink:href") if (href := node.get(key))]
    return _any_match(case, hrefs, next((node.get("href") for node in tree.iter("base") if node.get("href")), None))


READERS: dict[str, Callable[[Case, PageContent], bool]] = {"ours": read_ours}
if HAS_OTHER_READERS:
    READERS |= {"lexbor": read_lexbor, "lxml": read_lxml}


# --- generated pages ----------------------------------------------------------------------------------------------


@cache
def _prefilter(chosen: int) -> Prefilter:
    return Prefilter.for_targets(target_set(chosen))


def may_link(case: Case) -> bool:
    page = urls.parse(case.url)
    assert page is not None
    return _prefilter(case.chosen).may_link(case.body, case.charset, page)


@cache
def _literals(chosen: int) -> re.Pattern[bytes]:
    return re.compile("|".join(map(re.escape, sorted(target_set(chosen).hosts))).encode())


def fuzz_chunk(first: int, last: int) -> tuple[Counter[str], list[tuple[str, Case]]]:
    counts: Counter[str] = Counter()
    missed = []
    for number in range(first, last):
        case = make_case(number)
        perhaps = may_link(case)
        counts["pages"] += 1
        counts["perhaps" if perhaps else "no"] += 1
        content = PageContent(case.body, case.url, case.charset)
        found = {name for name, read in READERS.items() if read(case, content)}
        for name in found:
            counts[f"{name}: links to a target"] += 1
            if len(target_set(case.chosen)) < 100 and not _literals(case.chosen).search(case.body.lower()):
                counts[f"{name}: of those, host not verbatim"] += 1
            if not perhaps:
                counts["FALSE NEGATIVES"] += 1
                missed.append((name, case))
    return counts, missed


def _span(start: int, end: int) -> Iterator[tuple[int, int]]:
    for first in takewhile(lambda n: n < end, count(start, CHUNK)):
        yield first, min(first + CHUNK, end)


def _fails(name: str, case: Case) -> bool:
    content = PageContent(case.body, case.url, case.charset)
    return READERS[name](case, content) and not may_link(case)


def fuzz_generated(cases: int, first: int, workers: int) -> bool:
    blind = sum(_prefilter(n).is_blind for n in range(len(TARGET_SETS)))
    print(f"{cases:,} generated pages, {len(TARGET_SETS)} target sets ({blind} with addresses), {', '.join(READERS)}")
    counts: Counter[str] = Counter()
    missed: list[tuple[str, Case]] = []
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        for part, wrong in pool.map(fuzz_chunk, *zip(*_span(first, first + cases), strict=True)):
            counts += part
            missed += wrong
    counts["FALSE NEGATIVES"] += 0
    for name in sorted(counts, key=str.casefold):
        print(f"  {name:40} {counts[name]:>12,}")
    for name, case in missed[:5]:
        print(f"\nMISSED, says {name}: {shrink(case, partial(_fails, name))}")
    return not missed


# --- real pages ---------------------------------------------------------------------------------------------------

DRAWS = {1: 150, 10: 60, 1_000: 6, 100_000: 1}  # number of targets -> how many sets of so many are drawn


class RealPage:
    __slots__ = ("body", "charset", "names", "url")

    def __init__(self, body: bytes, charset: str, url: str) -> None:
        content = PageContent(body, url, charset)
        named = [*content.linked_urls, *(inner for link in content.linked_urls for inner, _ in unwrap.chain(link))]
        hosts = {urls.bare_host(url.hostname) for url in (*named, *_of_other_kinds(content))}
        self.body, self.charset, self.url = body, charset, content.url
        self.names = frozenset(name for host in hosts for name in urls.labels_up(host))
        """Each host that it names in any kind of link, and each name above it: what it links to is among these."""


def _of_other_kinds(content: PageContent) -> Iterator[URL]:
    for find in (typed.elements, typed.refresh):
        for link, _ in find(content, lambda url: (ANY,) if urls.is_web(url) else ()):
            url = urls.parse(link.url)
            if url is not None:
                yield url


ANY = Target.parse("any.example")


@cache
def real_pages() -> list[RealPage]:
    saved = [page for corpus in ("pages", "little-web") for page in saved_pages(corpus)]
    return [RealPage(page.file.read_bytes(), page.charset, page.url) for page in saved]


@cache
def linked_domains() -> list[str]:
    hosts = frozenset().union(*(page.names for page in real_pages()))
    domains = {urls.registrable_domain(host) for host in hosts}
    return sorted(name for name in domains if "." in name and not name.rpartition(".")[2].isdigit())


def _draw(size: int, number: int) -> Targets:
    rng = random.Random(f"{size} {number}")
    known = linked_domains()
    names = rng.sample(known, min(size, len(known)))
    names += [f"{rng.randbytes(5).hex()}-{n}.example" for n in range(size - len(names))]
    return Targets.parse(f"subdomains:{name}" for name in names)


def fuzz_draw(size: int, number: int) -> tuple[int, Counter[str], list[str]]:
    targets = _draw(size, number)
    prefilter = Prefilter.for_targets(targets)
    counts: Counter[str] = Counter()
    missed = []
    for page in real_pages():
        perhaps = prefilter.may_link(page.body, page.charset, page.url)
        links = not targets.hosts.isdisjoint(page.names)
        counts["links" if links else "none"] += 1
        counts["skipped"] += not perhaps
        if links and not perhaps:
            missed.append(f"{page.url.href} {sorted(targets.hosts & page.names)}")
    return size, counts, missed


def fuzz_real(workers: int) -> bool:
    print(f"{len(real_pages()):,} real pages; targets drawn from the {len(linked_domains()):,} domains they link to")
    draws = [(size, number) for size, times in DRAWS.items() for number in range(times)]
    totals: dict[int, Counter[str]] = {size: Counter() for size in DRAWS}
    missed: list[str] = []
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        for size, counts, wrong in pool.map(fuzz_draw, *zip(*draws, strict=True)):
            totals[size] += counts
            missed += wrong
    print(f"  {'targets':>8} {'draws':>6} {'with a link':>12} {'without':>10} {'of those skipped':>17}")
    for size, counts in totals.items():
        share = counts["skipped"] / max(1, counts["none"])
        print(f"  {size:>8,} {DRAWS[size]:>6} {counts['links']:>12,} {counts['none']:>10,} {share:>17.1%}")
    print(f"  FALSE NEGATIVES {len(missed)}")
    print("\n".join(missed[:20]))
    return not missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000, help="how many pages to generate (default: 1,000,000)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one; each number is one page")
    parser.add_argument("--pages", action="store_true", help="all shared pages instead of generated ones")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if not HAS_HYPERSCAN:
        print("Hyperscan is missing, so nothing is filtered: pip install backlinkbot[speed]", file=sys.stderr)
        return 1
    started = time.monotonic()
    if options.pages:
        is_right = fuzz_real(options.workers)
    else:
        is_right = fuzz_generated(options.cases, options.first, options.workers)
    print(f"{time.monotonic() - started:.0f} s")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
