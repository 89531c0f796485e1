"""How often a link's placement is right: on links of real pages, labelled by hand before anything was told of them.

python -m benchmarks.placements                      the tables of docs/placement.md
python -m benchmarks.placements --wrong              with each link that is of the first round that is told wrongly
python -m benchmarks.placements --sample N           a sample to label, N links a stratum

The labels lie in ``tests/data/placements.csv``, the pages in the shared data (``BACKLINKBOT_SHARED``). There are three
rounds, each of other sites, drawn and labelled when what is told had been tuned on those before: how much of a round was right
at first sight is for ``docs/placement.md`` to say.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from backlinkbot import urls
from backlinkbot.extract.link import collapse
from backlinkbot.extract.page import PageContent
from backlinkbot.extract.placement import LinkContext
from backlinkbot.extract.placement.place_words import PLACEMENTS
from backlinkbot.extract.references import Reference
from tests.conformance.shared_data import unpacked

LABELS = Path(__file__).parents[1] / "tests" / "data" / "placements.csv"
ROUNDS = (1, 2, 3)
UNCLEAR = "unclear"
"""Where a person cannot tell from the page either; such links count nowhere."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A link of a page, and where a person says that it stands."""

    page: str
    """Below the folder of the pages."""
    link: int
    """Its number among the page's links, from 1."""
    href: str
    """As written, to see that it is the same link."""
    stratum: str
    label: str
    round: int
    """From 1 to 3."""


def labelled() -> list[Labelled]:
    """All of them."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        found = [
            Labelled(row["page"], int(row["link"]), row["href"], row["stratum"], row["label"], int(row["round"]))
            for row in rows
        ]
    return [one for one in found if one.label != UNCLEAR]


# --- the pages ------------------------------------------------------------------------------------------------------------


@cache
def index() -> dict[str, tuple[str, str]]:
    """Page -> (URL, charset); those without a URL get one that leads nowhere."""
    found = {}
    lines = (unpacked("pages") / "index.tsv").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        url, path, media_type, charset = (*line.split("\t"), "", "")[:4]
        if media_type == "text/html" and "expected" not in path:  # which are no pages, but what is extracted of some
            found[path] = url if url.startswith("http") else f"https://page{number}.invalid/", charset
    return found


def page_url(page: str) -> urls.URL:
    """Where it was found."""
    url = urls.parse(index()[page][0])
    assert url is not None
    return url


def content(page: str) -> PageContent:
    """The page, parsed."""
    url, charset = index()[page]
    return PageContent((unpacked("pages") / page).read_bytes(), url, charset.removesuffix("-sig"))


def told(one: Labelled) -> LinkContext:
    """What we say of the link."""
    page = content(one.page)
    reference = page.references[one.link - 1]
    assert reference.raw_href == one.href, one
    return page.layout.context_of(reference.element, one.link)


# --- the sample -----------------------------------------------------------------------------------------------------------

_TALK = re.compile(
    r"comment|forum|repl(?:y|ies)|kommentar|comentario|commentaire|отзыв|review|gästebuch", re.IGNORECASE
)
_LANDMARKS = re.compile(r"<(?:nav|header|footer|aside|main|article)\b|\brole\s*=", re.IGNORECASE)


_REPLY = re.compile(
    r"\b(?:reply|replies|quote|antworten|zitieren|répondre|citer|responder|citar|rispondi|cita|odpowiedz|cytuj|ответить"
    r"|цитировать|beantwoorden|svara|svar|vastaa|yanıtla|válasz|odpovědět|odpovedať)\b|返信|回复|回覆",
    re.IGNORECASE,
)


def _anywhere(_page: PageContent, _text: str) -> tuple[float, float]:
    return 0, 1


def _beginning(_page: PageContent, _text: str) -> tuple[float, float]:
    return 0, 0.12


def _end(_page: PageContent, _text: str) -> tuple[float, float]:
    return 0.88, 1


def _replies(page: PageContent, _text: str) -> tuple[float, float] | None:
    """The links from the first to the last word that readers press to answer one another."""
    outline = page.layout.outline
    found = [match.start() for match in _REPLY.finditer(outline.text)]
    if len(found) < 3:
        return None
    starts = [outline.boxes[reference.element].start for reference in page.references]
    return tuple(sum(start < at for start in starts) / len(starts) for at in (found[0], found[-1]))  # type: ignore[return-value]


def _talk(_page: PageContent, text: str) -> tuple[float, float] | None:
    return (0.5, 1) if len(_TALK.findall(text)) >= 5 else None


def _bare(_page: PageContent, text: str) -> tuple[float, float] | None:
    return (0, 1) if _LANDMARKS.search(text) is None else None


# stratum -> from which part of a page's links one is drawn; None: from none of this page's.
STRATA: dict[str, tuple[float, Callable[[PageContent, str], tuple[float, float] | None]]] = {
    "anywhere": (3, _anywhere),
    "talk": (1.5, _talk),
    "bare": (1, _bare),
    "beginning": (1, _beginning),
    "end": (0.7, _end),
    "replies": (0.9, _replies),
}
"""And how many times N links."""


def sample(size: int, seed: int, known: Iterable[str] = ()) -> Iterator[tuple[str, int, Reference, str]]:
    """Links to label: pages by chance, at most two of a domain, one link of each; every other one to another domain.

    Args:
        size: a stratum's links, times what :data:`STRATA` says.
        seed: the same for the same sample.
        known: pages whose domains are left out.
    """
    chance = random.Random(seed)
    pages = sorted(index())
    chance.shuffle(pages)
    rest = chain(pages, pages)
    domains: Counter[str] = Counter()
    for page in known:
        domains[_site(page)] += _MANY
    for stratum, (times, part_of) in STRATA.items():
        wanted = round(size * times)
        while wanted:
            path = next(rest, "")
            if not path:
                break
            own, site = urls.registrable_domain(page_url(path).hostname), _site(path)
            if domains[site] >= (3 if stratum == "replies" else 2):
                continue
            saved = content(path)
            part = part_of(saved, (unpacked("pages") / path).read_text(encoding="utf-8", errors="replace"))
            links = [(n, r) for n, r in enumerate(saved.references, 1) if r.url is not None and urls.is_web(r.url)]
            if part is None or len(links) < 5:
                continue
            links = links[int(part[0] * len(links)) : max(int(part[1] * len(links)), 1)]
            if not links:
                continue
            outward = [(n, r) for n, r in links if r.url and urls.registrable_domain(r.url.hostname) != own]
            number, reference = chance.choice(outward if outward and chance.random() < 0.5 else links)
            domains[site] += 1
            wanted -= 1
            yield path, number, reference, stratum


_MANY = 9


def _site(page: str) -> str:
    """What pages have in common of which few are wanted."""
    return page.split("/")[1] if page.startswith("scrapy-bench") else urls.registrable_domain(page_url(page).hostname)


def write_sample(size: int, seed: int) -> None:
    """As the file of labels, without labels; of sites that have none yet."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("page", "link", "href", "stratum", "label", "round"))
    for path, number, reference, stratum in sample(size, seed, {one.page for one in labelled()}):
        table.writerow((path, number, reference.raw_href, stratum, "", ROUNDS[-1] + 1))


# --- the tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """Labels against what was told."""

    pairs: Counter[tuple[str, str]]
    """(label, told) -> links."""

    @property
    def links(self) -> int:
        """In all."""
        return sum(self.pairs.values())

    @property
    def accuracy(self) -> float:
        """The part that is right; NaN where there are no links."""
        right = sum(count for (label, found), count in self.pairs.items() if label == found)
        return right / self.links if self.links else float("nan")

    def recall(self, placement: str) -> float:
        """Of the links that stand there, the part that is told so; NaN where none does."""
        return self._part(placement, 0)

    def precision(self, placement: str) -> float:
        """Of the links that are told to stand there, the part that does; NaN where none is."""
        return self._part(placement, 1)

    def _part(self, placement: str, side: int) -> float:
        whole = sum(count for pair, count in self.pairs.items() if pair[side] == placement)
        return self.pairs[placement, placement] / whole if whole else float("nan")


def outcome(links: Iterable[Labelled]) -> Outcome:
    """Look at each."""
    return Outcome(Counter((one.label, told(one).placement) for one in links))


def tables(rounds: Sequence[Outcome]) -> Iterator[str]:
    """Markdown: per round, per class, then who is taken for what."""
    whole = Outcome(sum((each.pairs for each in rounds), Counter()))
    yield "| round | links | right |"
    yield "|---|---:|---:|"
    for name, each in (*enumerate(rounds, 1), ("**all**", whole)):
        yield f"| {name} | {each.links} | {each.accuracy:.1%} |"
    yield ""
    yield "| | links | right | precision | recall |"
    yield "|---|---:|---:|---:|---:|"
    for name in PLACEMENTS:
        links = sum(count for pair, count in whole.pairs.items() if pair[0] == name)
        yield f"| `{name}` | {links} | {whole.pairs[name, name]} | {whole.precision(name):.2f} | {whole.recall(name):.2f} |"
    yield ""
    yield f"| stands in ↓, told → | {' | '.join(f'`{name}`' for name in PLACEMENTS)} |"
    yield f"|---|{'---:|' * len(PLACEMENTS)}"
    for label in PLACEMENTS:
        counts = (str(whole.pairs[label, found] or "") for found in PLACEMENTS)
        yield f"| `{label}` | {' | '.join(counts)} |"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    if options.sample:
        write_sample(options.sample, options.seed)
        return
    links = labelled()
    print(*tables([outcome(one for one in links if one.round == number) for number in ROUNDS]), sep="\n")
    if options.wrong:
        for one in links:
            found = told(one)
            if found.placement != one.label:
                anchor = collapse(content(one.page).references[one.link - 1].element.text)[:40]
                print(
                    one.page, one.link, anchor, f"stands in {one.label}, told {found.placement} by {found.placement_by}"
                )


if __name__ == "__main__":
    main()
