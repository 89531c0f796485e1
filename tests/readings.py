"""All that is said of a page, for two readings of it to be compared."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from backlinkbot.extract.html import Parser
from backlinkbot.extract.link import Link
from backlinkbot.extract.page import PageContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    encoding: str
    base: str
    links: tuple[Link, ...]
    flags: tuple[tuple[str, ...], ...]
    comments: tuple[str, ...]
    sheets: tuple[str, ...]
    inert: tuple[str | None, ...]
    context: tuple[tuple[object, ...], ...]
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
    reached = [link for link, _ in content.links_to(lambda _: (True,))]
    refresh, root = content.refresh, content.document.root
    return Reading(
        encoding=content.encoding,
        base=content.base_url.href,
        links=tuple(content.links()),
        flags=tuple((*link.flags, *link.flags_by) for link in reached),
        comments=tuple(comment.strip() for comment in content.document.comments()),
        sheets=tuple(content.document.style_sheets()),
        inert=tuple(element.attr("href") for element in content.document.template_elements("a", "area")),
        context=tuple(astuple(link.context) for link in reached),
        raw_hrefs=tuple(reference.raw_href for reference in content.references),
        metas=content.metas,
        title=content.title,
        language=content.language,
        canonical=content.canonical_url,
        refresh=(refresh.seconds, refresh.url.href) if refresh is not None else None,
        counts=content.count_links(),
        text=root.text if root is not None else "",
    )
