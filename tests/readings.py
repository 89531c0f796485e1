"""All that is said of a page, for two readings of it to be compared."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from backlinkbot.links import Link, PageContent
from backlinkbot.markup import Parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    encoding: str
    base: str
    links: tuple[Link, ...]
    surroundings: tuple[tuple[object, ...], ...]
    raw_hrefs: tuple[str, ...]
    metas: tuple[tuple[str, str], ...]
    title: str
    language: str
    canonical: str
    refresh: tuple[float, str] | None
    counts: tuple[int, int]
    text: str


def read(parse: Parser, body: bytes, url: str, charset: str = "") -> Reading:
    content = PageContent(body, url, charset, parse)
    refresh, root = content.meta_refresh, content.document.root
    return Reading(
        encoding=content.encoding,
        base=content.base_url.href,
        links=tuple(content.links()),
        surroundings=tuple(astuple(link.surroundings) for link, _ in content.links_to(lambda _: (True,))),
        raw_hrefs=tuple(reference.raw_href for reference in content.references),
        metas=content.metas,
        title=content.title,
        language=content.language,
        canonical=content.canonical_url,
        refresh=(refresh[0], refresh[1].href) if refresh is not None else None,
        counts=content.count_links(),
        text=root.text if root is not None else "",
    )
