"""The links of the target's own pages, read from a file, by which reciprocal links are found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.errors import UsageError
from backlinkbot.files.inputs import text_of
from backlinkbot.reports.rows import read_backlinks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from backlinkbot.items import Backlink

ANYWHERE: Final = ""
"""The own site of a link, if the file does not name the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLinks:
    """The domains that a site links to."""

    links: Mapping[tuple[str, str], str]
    """(own registrable domain, or ``ANYWHERE``; linked registrable domain) -> a description of such a link."""

    def evidence(self, row: Backlink) -> str:
        """Returns where the target links back to the row's domain; empty if no such link is known."""
        own = domain_of(row.target_url)
        return self.links.get((own, row.source_domain)) or self.links.get((ANYWHERE, row.source_domain), "")


NO_LINKS: Final = OwnLinks(links={})


def domain_of(url: str) -> str:
    """Returns the registrable domain of a URL; empty if it has no host."""
    parsed = urls.parse(url)
    return urls.registrable_domain(parsed.hostname) if parsed is not None else ""


def read_own_links(path: Path) -> OwnLinks:
    """Reads rows of a crawl of the own site with the referrers as targets, or a list of URLs or domains (``.txt``).

    Raises:
        UsageError: the list cannot be read.
        OutputError: the rows cannot be read.
    """
    links: dict[tuple[str, str], str] = {}
    for own, linked, evidence in _listed(path) if path.suffix == ".txt" else _crawled(read_backlinks(path)):
        if linked:
            links.setdefault((own, linked), evidence)
    return OwnLinks(links=links)


def _crawled(rows: Iterable[Backlink]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        yield row.source_domain, domain_of(row.target_url), f"{row.source_url} links to {row.target_url}"


def _listed(path: Path) -> Iterator[tuple[str, str, str]]:
    try:
        lines = text_of(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"own links {path}: {error}") from error
    for line in lines:
        text = line.strip()
        if text and not text.startswith("#"):
            yield (
                ANYWHERE,
                domain_of(text if "://" in text else f"http://{text}"),
                f"{text} is linked, according to {path.name}",
            )
