"""Answers the questions of assistants from a history; each answer is bounded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import UsageError
from backlinkbot.history import History
from backlinkbot.history.observation import key_of
from backlinkbot.history.since import changes_since
from backlinkbot.history.view_rows import Rows, columns_of_view
from backlinkbot.mcp.bounds import LONGEST_EVIDENCE, NOTICE, Answer, answer, bounded
from backlinkbot.reports.prospects import find_prospects
from backlinkbot.reports.todo.history_tasks import tasks_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LINKS: Final = (
    *(
        "backlink_id",
        "target",
        "source_url",
        "target_url",
        "anchor",
        "follow",
        "nofollow_by",
        "indexable",
        "noindex_by",
    ),
    *("placement", "link_type", "state", "lost_reason", "first_seen", "last_seen"),
)
"""The columns of a list of links; the evidence of one link has all."""
DOMAINS: Final = (
    *("target", "source_domain", "links", "follow_links", "lost_links", "pages", "first_seen", "last_seen"),
)
CLAIMS: Final = (
    *("origin", "source_url", "claimed_target", "claimed_anchor", "claimed_follow", "is_lost", "verdict", "reasons"),
    "judged_at",
)
RUNS: Final = (
    *("id", "command", "targets", "started_at", "finished_at", "outcome", "exit_status"),
    *("new", "lost", "restored", "changed"),
)
"""Without the arguments, which may hold passwords."""
_EVIDENCE_LINKS: Final = 20
"""Links of one backlink whose evidence is shown."""


class Questions:
    """Questions to the history at a URL, which is opened for each, so that several threads may ask."""

    def __init__(self, url: str) -> None:
        """Takes the URL of the history, and opens it once, which migrates an older one.

        Raises:
            HistoryError: there is no such history.
        """
        self._url = url
        self._open().close()

    def _open(self) -> History:
        return History.open(self._url, create=False)

    def _view(
        self,
        name: str,
        columns: Sequence[str],
        *,
        equal: Mapping[str, Any],
        words: str = "",
        searched: Sequence[str] = (),
        order: Sequence[str],
        limit: int,
        offset: int,
    ) -> Answer:
        given = {column: value for column, value in equal.items() if value not in (None, "")}
        wanted = Rows(equal=given, words=words, searched=searched, order=order, limit=limit + 1, offset=offset)
        with self._open() as history:
            rows = (dict(zip(columns, row, strict=True)) for row in history.view(name, columns, wanted))
            return answer(rows, limit=limit, offset=offset)

    def overview(self, *, limit: int, offset: int) -> Answer:
        """Returns the figures of each target, which are sums over its referring domains, and of the last runs."""
        names = ("target", "links", "follow_links", "lost_links")
        figures: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_FIGURES, 0))
        with self._open() as history:
            for target, links, follow_links, lost_links in history.view("referring_domains", names):
                of_target = figures[target]
                of_target["links"] += links
                of_target["follow_links"] += follow_links
                of_target["lost_links"] += lost_links
                of_target["referring_domains"] += links > 0
        rows = [{"target": name, **figures[name]} for name in sorted(figures)[offset:]]
        return answer(rows, limit=limit, offset=offset, last_runs=self.runs(limit=5, offset=0)["untrusted_rows"])

    def referring_domains(self, *, target: str, words: str, sort: str, limit: int, offset: int) -> Answer:
        """Returns domains that link or linked, each with counts of its backlinks."""
        return self._view(
            "referring_domains",
            DOMAINS,
            equal={"target": target},
            words=words,
            searched=("source_domain",),
            order=(sort, "source_domain", "target"),
            limit=limit,
            offset=offset,
        )

    def links(self, *, equal: Mapping[str, Any], words: str, sort: str, limit: int, offset: int) -> Answer:
        """Returns links, lost ones too, with the verdict on each."""
        return self._view(
            "backlinks",
            LINKS,
            equal=equal,
            words=words,
            searched=("source_url", "anchor", "target_url"),
            order=(sort, "backlink_id"),
            limit=limit,
            offset=offset,
        )

    def evidence(self, backlink_id: int) -> Answer:
        """Returns all that is known of one backlink: its links, the claims about its page, and its changes.

        Raises:
            UsageError: there is none with this number.
        """
        wanted = Rows(equal={"backlink_id": backlink_id}, limit=_EVIDENCE_LINKS)
        with self._open() as history:
            links = list(_named(history, "backlinks", wanted))
            if not links:
                raise UsageError(f"there is no backlink {backlink_id}; the tool links lists their backlink_id")
            changes = list(
                _named(history, "changes", Rows(equal={"backlink_id": backlink_id}, order=("at",), limit=50))
            )
            claims = [asdict(claim) for claim in history.claims_of(key_of(links[0]["source_url"]))[:_EVIDENCE_LINKS]]
        return {
            "notice": NOTICE,
            "untrusted_rows": bounded(links, LONGEST_EVIDENCE),
            "untrusted_changes": bounded(changes),
            "untrusted_claims": bounded(claims),
        }

    def changes(self, *, target: str, since: str, kind: str, limit: int, offset: int) -> Answer:
        """Returns changes in the order of their recording.

        Raises:
            UsageError: there is no such run or day.
        """
        with self._open() as history:
            wanted = changes_since(history, since or None)
            found = history.changes(targets=[target] if target else None, **wanted)
            rows = (asdict(change) for change in found if kind in {"", change.kind})
            return answer(islice(rows, offset, None), limit=limit, offset=offset)

    def claims(self, *, equal: Mapping[str, Any], words: str, limit: int, offset: int) -> Answer:
        """Returns what sources claim of pages, with the verdict of the last visit."""
        return self._view(
            "claims",
            CLAIMS,
            equal=equal,
            words=words,
            searched=("source_url", "claimed_anchor", "claimed_target"),
            order=("source_url", "origin", "claimed_target", "claimed_anchor"),
            limit=limit,
            offset=offset,
        )

    def gap(self, *, target: str, against: Sequence[str], at_least: int | None, limit: int, offset: int) -> Answer:
        """Returns the domains that link to competitors and not to the target, the best first.

        Raises:
            UsageError: a target names nothing, or no link to any competitor is known.
        """
        found = find_prospects(target, against, history=self._url, at_least=at_least)
        rows = map(asdict, found.prospects[offset:])
        return answer(rows, limit=limit, offset=offset, warnings=list(found.warnings))

    def runs(self, *, limit: int, offset: int) -> Answer:
        """Returns runs, the newest first."""
        return self._view("runs", RUNS, equal={}, order=("-id",), limit=limit, offset=offset)

    def todo(self, *, target: str, against: Sequence[str], kind: str, limit: int, offset: int) -> Answer:
        """Returns open tasks, in the order of their kinds and worth; numbers are those of earlier listings, none is given."""
        with self._open() as history:
            names = [target] if target else []
            sections = tasks_of(history, targets=names, against=against, limit=0, is_numbered=False)
        tasks = [asdict(task) for section in sections if kind in {"", section.kind} for task in section.tasks]
        totals = {str(section.kind): section.total for section in sections}
        return answer(tasks[offset:], limit=limit, offset=offset, open_tasks=totals)


_FIGURES: Final = ("links", "referring_domains", "follow_links", "lost_links")


def _named(history: History, view: str, rows: Rows) -> Iterator[dict[str, Any]]:
    names = [column.name for column in columns_of_view(view)]
    for row in history.view(view, rows=rows):
        yield dict(zip(names, row, strict=True))
