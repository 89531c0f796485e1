"""How many spam domains the markers of a spam domain accuse, and how many others: on domains labelled from their pages before they were asked.

python -m benchmarks.spam               the tables of docs/quality.md
python -m benchmarks.spam --wrong       with each domain that is judged wrongly, and what was said of it

The labels lie in ``tests/data/spam.csv``, the pages in the shared data (``BACKLINKBOT_SHARED``). The pages of all domains are
written as one web archive, ``backlinkbot mine`` reads their links to all targets, and the markers are those of ``backlinkbot export
--view domains --markers``. Of each domain the links to one target are judged.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from backlinkbot.extract.page import PageContent
from backlinkbot.items import Backlink
from backlinkbot.reports.quality.markers import SPAM, DomainMarks, Mark, marks, spam_of
from backlinkbot.reports.quality.own import domain_of
from backlinkbot.reports.quality.profile import Profile
from backlinkbot.reports.rows import read_backlinks
from benchmarks.measuring import interval, shared
from tests.archive_files import Capture, warc
from tests.conformance.shared_data import saved_pages, unpacked

LABELS = Path(__file__).parents[1] / "tests" / "data" / "spam.csv"
COLLECTIONS = frozenset({"formasaurus", "autopager", "article-extraction-benchmark"})
"""Those whose index says where each page was found."""
EVERYBODY = 10
"""A domain to which pages of more domains link is one to which everybody links, and no typical target."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a domain."""

    url: str
    file: Path
    charset: str

    @property
    def body(self) -> bytes:
        return self.file.read_bytes()


@cache
def population() -> dict[str, list[Page]]:
    """Registrable domain -> its pages, of those whose address is known."""
    found: dict[str, list[Page]] = defaultdict(list)
    for page in shared(saved_pages, "pages"):
        if page.path.partition("/")[0] in COLLECTIONS:
            found[domain_of(page.url)].append(Page(page.url, page.file, page.charset))
    for file in sorted(shared(unpacked, "robots-txt").rglob("*")):
        if file.is_file() and _is_html(file.read_bytes()):
            url = f"http://{file.name}/robots.txt"
            found[domain_of(url)].append(Page(url, file, ""))
    found.pop("", None)
    return found


def _is_html(body: bytes) -> bool:
    head = body[:3_000].lower()
    return b"<html" in head or b"<!doctype" in head


def linked(page: Page) -> set[str]:
    """The other registrable domains that a page links to."""
    content = PageContent(page.body, page.url, page.charset)
    return {domain_of(link.url) for link in content.links() if link.link_type == "text"} - {"", domain_of(page.url)}


def targets() -> dict[str, str]:
    """Domain -> the target whose links are judged: drawn from those to which few domains link, if there is one."""
    of = {domain: set().union(*map(linked, pages)) for domain, pages in population().items()}
    linking = Counter(target for found in of.values() for target in found)
    return {
        domain: min(
            found, key=lambda target: (linking[target] > EVERYBODY, sha256(f"{domain} {target}".encode()).digest())
        )
        for domain, found in of.items()
        if found
    }


def rows_of(of: dict[str, str]) -> list[Backlink]:
    """The rows of all links of the pages to any of the targets, as ``backlinkbot mine`` writes them."""
    captures = [
        Capture(
            url=page.url,
            body=page.body,
            content_type="text/html" + (f"; charset={page.charset}" if page.charset else ""),
        )
        for pages in population().values()
        for page in pages
    ]
    with tempfile.TemporaryDirectory() as folder:
        archive, listed, rows = (Path(folder) / name for name in ("pages.warc.gz", "targets.txt", "rows.csv"))
        archive.write_bytes(warc(captures))
        listed.write_text("\n".join(sorted(set(of.values()))) + "\n", encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "backlinkbot",
            "mine",
            f"@{listed}",
            "--archive",
            str(archive),
            "-q",
            "-o",
            str(rows),
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return list(read_backlinks(rows))


def marked(of: dict[str, str]) -> dict[str, tuple[Mark, ...]]:
    """Domain -> the markers of its links to its target."""
    rows = rows_of(of)
    profile = Profile(rows)
    found: dict[str, DomainMarks] = defaultdict(DomainMarks)
    for row in rows:
        if of.get(row.source_domain) == domain_of(row.target_url):
            found[row.source_domain].add(row, marks(row, profile))
    return {domain: said.marks() for domain, said in found.items()}


# --- the labels -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Labelled:
    """A domain, and what its pages show a reader."""

    domain: str
    label: str
    """``spam``, ``other``, or ``unclear``: those count nowhere."""
    round: int
    """1: the flags were made with these in sight; 2: drawn afterwards."""
    reason: str


def labelled() -> list[Labelled]:
    """All that count."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        found = [
            Labelled(row["domain"], row["label"], int(row["round"]), row["reason"]) for row in csv.DictReader(file)
        ]
    return [one for one in found if one.label != "unclear"]


def share(some: int, of: int) -> str:
    """A share with its interval (Wilson, 95 %)."""
    if not of:
        return "none"
    low, high = interval(some, of)
    return f"{some} of {of}, {some / of:.0%} ({low:.0%} to {high:.0%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="with each domain that is judged wrongly")
    options = parser.parse_args()
    found = marked(targets())
    judged = labelled()
    groups = {
        "spam, found": [one for one in judged if one.label == "spam"],
        "others of round 1, accused": [one for one in judged if one.label == "other" and one.round == 1],
        "others of round 2, accused": [one for one in judged if one.label == "other" and one.round == 2],
    }
    print("| domains | by the markers of spam | by any marker |\n|---|---|---|")
    for name, group in groups.items():
        accused = sum(bool(spam_of(found.get(one.domain, ()))) for one in group)
        print(
            f"| {name} | {share(accused, len(group))} | {share(sum(map(bool, (found.get(one.domain) for one in group))), len(group))} |"
        )
    right, wrong = Counter[str](), Counter[str]()
    for one in judged:
        (right if one.label == "spam" else wrong).update(mark.marker.value for mark in found.get(one.domain, ()))
    print("\n| marker | on spam | on others |\n|---|---:|---:|")
    for marker in sorted(right.keys() | wrong.keys(), key=lambda name: (name not in SPAM, name)):
        print(f"| `{marker}`{' (spam)' if marker in SPAM else ''} | {right[marker]} | {wrong[marker]} |")
    if options.wrong:
        for one in judged:
            said = spam_of(found.get(one.domain, ()))
            if bool(said) != (one.label == "spam"):
                print(one.label, one.domain, one.reason, *said, sep=" | ")


if __name__ == "__main__":
    main()
