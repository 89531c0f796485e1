"""How often a page is told that says "not found" with a status that says otherwise, and what asking costs.

    python -m benchmarks.notfound

Asked are the real pages of the shared archives: saved error pages are known by their names (``404.html``), HTML that servers sent
for robots.txt by the list below, made by hand. Every page that is judged otherwise than its label says is printed.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from backlinkbot.extract.page import PageContent
from backlinkbot.page_status import soft_404
from benchmarks.measuring import machine, shared
from tests.conformance.shared_data import saved_pages, unpacked

_SAVED = re.compile(r"(^|/)(404|file-not-found)(/index)?\.html$")
_NO_ERROR = frozenset({"josh-project.github.io/josh/404.html"})
"""Pages with such a name that say something else."""
_ALSO = frozenset({"formasaurus/formasaurus/data/html/261.html"})
SERVERS = frozenset(
    {
        *("www.senate.gov", "www.suzuki.co.jp", "www.ufcu.org", "www.anker.com", "www.edu.gov.az", "www.esic.nic.in"),
        *("www.tjx.com", "www.uidaho.edu", "www.saglik.gov.tr", "www.singaporepools.com.sg", "www.moi.gov.tw"),
        *("vnsgu.ac.in", "www.bits-pilani.ac.in", "www.netgear.com", "groupme.com", "www.physicsclassroom.com"),
        *("wwnorton.com", "www.worldbank.org", "forzamotorsport.net", "www.airindia.in", "www.renderotica.com"),
        "www.fmprc.gov.cn",
    }
)
"""Hosts whose answer for robots.txt is a page that says that there is none."""


def labelled() -> Iterator[tuple[bool, str, str, Path]]:
    """Whether it is an error page, its address, the charset of its header, and its file."""
    for corpus in ("pages", "little-web"):
        for page in shared(saved_pages, corpus):
            is_error = corpus == "little-web" and bool(_SAVED.search(page.path)) and page.path not in _NO_ERROR
            yield is_error or page.path in _ALSO, page.url or "https://a.example/page", page.charset, page.file
    for file in sorted(shared(unpacked, "robots-txt").rglob("*")):
        if file.is_file() and b"<html" in file.read_bytes()[:3_000].lower():
            yield file.name in SERVERS, f"https://{file.name}/robots.txt", "", file


def main() -> None:
    print(machine())
    found: Counter[tuple[bool, bool]] = Counter()
    seconds = 0.0
    for is_error, url, charset, file in labelled():
        body = file.read_bytes()
        started = time.process_time()
        may_say = soft_404.may_say(body, charset)
        seconds += time.process_time() - started
        says = soft_404.evidence(PageContent(body, url, charset)) if may_say else ""
        found[is_error, bool(says)] += 1
        if bool(says) != is_error:
            print("passed over" if is_error else f"taken for one ({says})", url, file.name)
    right, wrong, missed = found[True, True], found[False, True], found[True, False]
    print(f"{found.total():,} pages, {right + missed} of them error pages")
    print(f"precision {right / max(right + wrong, 1):.1%}, recall {right / max(right + missed, 1):.1%}")
    print(f"asking a page's bytes: {seconds / found.total() * 1e6:.0f} µs a page, the mean")


if __name__ == "__main__":
    main()
