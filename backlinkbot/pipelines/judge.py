"""Judges a visit: which of its links pass a vote, what it says of its candidates, and whether what was claimed is true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, cast

from backlinkbot.history import claim_check
from backlinkbot.items import Backlink, ExtractedPage, JudgedPage, TargetAnswer, common_fields
from backlinkbot.judging.rows import rows_of
from backlinkbot.middlewares.robotstxt import RobotsTxt
from backlinkbot.pipelines.answer import checks_of
from backlinkbot.pipelines.contracts import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.spiders.base import BacklinkSpider
    from backlinkbot.targets import Targets

_NOT_ASKED = TargetAnswer()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingContext:
    """What a visit is judged by, besides itself."""

    targets: Targets
    agent: str
    """The search engine whose rules count."""
    closed_by: Callable[[str], tuple[str, ...]]
    """The robots.txt rules that close a URL to that search engine, as far as they are known."""
    includes_own: bool = False
    """True if links from a target's own pages count."""


def judge(page: ExtractedPage, context: JudgingContext) -> JudgedPage:
    """Judges a visit: a pure function of what was extracted and the context.

    Args:
        page: what was extracted, with all that other steps have added to it.
        context: what it is judged by.
    """
    rows = _with_answers(
        (*page.rows, *rows_of(page, agent=context.agent, closed_by=context.closed_by)), page.target_answers
    )
    checks = checks_of(page, rows)
    if page.claims or page.recalled:
        joined = claim_check.join(page, rows, checks, context.targets, includes_own=context.includes_own)
    else:
        joined = claim_check.Joined(backlinks=rows, checks=checks)
    return JudgedPage(
        **common_fields(page),
        backlinks=joined.backlinks,
        checks=joined.checks,
        checked_claims=joined.checked_claims,
        is_partly_unknown=page.is_partly_unknown,
        is_another=page.is_another,
        sketch=page.sketch,
    )


class JudgeBacklinks:
    """Pipeline: judges each visit; nothing that it was read from is kept."""

    contract: ClassVar = Contract(
        takes=ExtractedPage,
        returns=JudgedPage,
        needs=frozenset(
            {"failure", "is_another", "is_partly_unknown", "matches", "recalled", "rows", "target_answers"}
        ),
        gives=frozenset({"backlinks", "checks", "checked_claims"}),
    )

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent: str = crawler.settings["BACKLINKBOT_AGENT"]
        self._includes_own = crawler.settings.getbool("BACKLINKBOT_INCLUDE_SAME_DOMAIN")
        self._context: JudgingContext | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, page: ExtractedPage) -> JudgedPage:
        """The page with its rows, its answers and the verdicts on what was claimed."""
        if self._context is None:  # robots.txt is read by a middleware, which comes later than the pipelines
            self._context = JudgingContext(
                targets=cast("BacklinkSpider", self._crawler.spider).targets,
                agent=self._agent,
                closed_by=self._closed_by,
                includes_own=self._includes_own,
            )
        judged = judge(page, self._context)
        for claim in judged.checked_claims:
            self._crawler.stats.inc_value(f"backlinks/claims/{claim.verdict}")
        return judged

    def _closed_by(self, url: str) -> tuple[str, ...]:
        robots = cast("RobotsTxt | None", self._crawler.get_downloader_middleware(RobotsTxt))
        return robots.closed_by(url) if robots is not None else ()


def _with_answers(rows: Sequence[Backlink], answers: Mapping[str, TargetAnswer] | None) -> tuple[Backlink, ...]:
    """Returns the rows with what was found at the addresses that they lead to, where somebody asked."""
    if answers is None:
        return tuple(rows)
    found = ((row, answers.get(row.target_url, _NOT_ASKED)) for row in rows)
    return tuple(
        replace(row, target_status=answer.status, target_final_url=answer.final_url, target_state=answer.state)
        for row, answer in found
    )
