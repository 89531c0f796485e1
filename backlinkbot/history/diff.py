"""Compares a visit with what is known of its page: which backlinks are new, lost, restored or changed, and why.

"Could not check" is never a loss and changes nothing. A backlink is lost if it is no longer on the page; a link that became
nofollow, or a page that became noindex, is a change.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from backlinkbot.history.observation import (
    GOOD,
    RESOLVED,
    TELLING,
    BacklinkKey,
    Observation,
    ObservedBacklink,
    VisitOutcome,
    domain_of,
    is_doubtful,
    is_extra,
    is_mention,
)
from backlinkbot.items import AWAY, Change, ChangeKind, LinkState, Reason, Rendering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScope:
    """What a run looks for. A backlink outside the scope is not judged, because the run could not have seen it."""

    run: int
    targets: frozenset[str]
    """The names of the targets."""
    includes_own: bool = False
    """True if links from a target's own pages count."""
    first_time: frozenset[str] = frozenset()
    """The targets that no earlier run looked for, so that no page is known to have been without links to them."""
    extras: frozenset[str] = frozenset()
    """The kinds of :data:`~backlinkbot.history.observation.EXTRAS` that the run looks for."""

    def covers(self, key: BacklinkKey, shown: ObservedBacklink) -> bool:
        """True if this run would have seen the backlink if it was there."""
        is_seen = not is_extra(key.kind) or key.kind in self.extras
        return is_seen and key.target in self.targets and (self.includes_own or not shown.is_own)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBacklink:
    """A backlink as the last visit that saw it found it, with its state."""

    shown: ObservedBacklink
    state: LinkState
    first_seen: str
    last_seen: str = ""
    """Empty if every good visit of the page up to ``PageMemory.last_read_at`` has seen it."""
    lost_at: str = ""
    """Empty unless the backlink is lost or moved; so is ``lost_reason``."""
    lost_reason: str = ""

    @property
    def is_away(self) -> bool:
        """True if the backlink is not on the page: it is lost, or leads elsewhere now."""
        return self.state in AWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMemory:
    """The stored state of a page and its backlinks."""

    url: str
    """As last visited."""
    first_visit_at: str
    last_visit_at: str = ""
    """Empty for a page that is known from a file and was never visited; ``first_visit_at`` is then the time of the import."""
    last_read_at: str = ""
    """The last good visit; empty if there is none."""
    visits: int = 0
    """The number of visits that could check the page."""
    changed_visits: int = 0
    """The number of visits after the first that found at least one change."""
    unchecked: int = 0
    """The number of visits in a row, up to the last, that could not check."""
    failing_since: str = ""
    """The first visit that found the page gone, with no good visit since."""
    backlinks: Mapping[BacklinkKey, KnownBacklink] = field(default_factory=dict)


SURE_AFTER: Final = timedelta(hours=20)
"""The least time between the first visit that finds a page gone and the one that confirms it. A daily run may start early."""

KeyedChange: TypeAlias = tuple[BacklinkKey, Change]

# Traits of a backlink: (reason when the trait appears, reason when it goes, its value; empty: the backlink lacks it).
_TRAITS: Final[tuple[tuple[Reason, Reason, Callable[[ObservedBacklink], str]], ...]] = (
    (Reason.NOFOLLOW_ADDED, Reason.NOFOLLOW_REMOVED, lambda shown: shown.nofollow_by),
    (Reason.NOINDEX, Reason.NOINDEX_REMOVED, lambda shown: shown.noindex_by),
    (Reason.NOT_CANONICAL, Reason.CANONICAL_AGAIN, lambda shown: shown.canonical_url),
    (Reason.HIDDEN, Reason.SHOWN, lambda shown: "hidden" if shown.is_hidden else ""),
)
_PAGE_WAS_AWAY: Final = frozenset({Reason.PAGE_GONE, Reason.PAGE_REDIRECTED})


def compare(
    observation: Observation, known: PageMemory | None, scope: RunScope
) -> tuple[PageMemory, list[KeyedChange]]:
    """Returns the state of the page after the visit, and the changes.

    Args:
        observation: what the visit found on the page.
        known: the stored state; None if this is the first visit.
        scope: what the run looks for.
    """
    page = known or PageMemory(url=observation.url, first_visit_at=observation.at)
    first_visit_at = page.first_visit_at if page.last_visit_at else observation.at
    if observation.outcome not in TELLING:
        unchecked = page.unchecked + 1
        return replace(
            page, url=observation.url, first_visit_at=first_visit_at, last_visit_at=observation.at, unchecked=unchecked
        ), []
    comparison = _Comparison(observation, page, scope)
    last_read_at, failing_since = page.last_read_at, page.failing_since
    if observation.outcome in GOOD or observation.rows:  # a redirect to a target is a link, too
        comparison.compare()
        last_read_at, failing_since = observation.at, ""
    elif observation.outcome is VisitOutcome.REDIRECTED:
        comparison.lose_all(Reason.PAGE_REDIRECTED)
    else:
        failing_since = failing_since or observation.at
        if _is_later(failing_since, observation.at):  # a single visit may be an error
            is_there = observation.outcome is VisitOutcome.REPLACED
            comparison.lose_all(Reason.REMOVED_FROM_PAGE if is_there else Reason.PAGE_GONE)
    memory = PageMemory(
        url=observation.url,
        first_visit_at=first_visit_at,
        last_visit_at=observation.at,
        last_read_at=last_read_at,
        visits=page.visits + 1,
        changed_visits=page.changed_visits + (bool(comparison.changes) and page.visits > 0),
        failing_since=failing_since,
        backlinks=comparison.backlinks,
    )
    return memory, comparison.changes


def _is_later(first: str, second: str) -> bool:
    """True if enough time lies between two visits for the second to confirm the first."""
    return datetime.fromisoformat(second) - datetime.fromisoformat(first) >= SURE_AFTER


class _Comparison:
    """Compares the stored backlinks of a page with one visit."""

    def __init__(self, observation: Observation, page: PageMemory, scope: RunScope) -> None:
        self._sight = observation
        self._page = page
        self._scope = scope
        self.backlinks = dict(page.backlinks)
        self.changes: list[KeyedChange] = []

    def lose_all(self, reason: Reason) -> None:
        """Marks every backlink as lost, because the page is gone."""
        for key in sorted(self._expected()):
            self._lose(key, reason)
            self._note(key, ChangeKind.LOST, reason)

    def compare(self) -> None:
        """Compares the backlinks of a page that was read."""
        shown = self._shown()
        seen = self._sight.page  # the answer may be another server's, or incomplete
        is_proof = not is_doubtful(seen) and seen.doubt is None
        missing = sorted(self._expected() - shown.keys()) if is_proof else []
        came = [key for key in shown if key not in self._page.backlinks or self._page.backlinks[key].is_away]
        moved = self._moved(missing, came, shown)
        self._leave_the_others(shown, is_proof=is_proof)
        for key, now in shown.items():
            old = self._page.backlinks.get(key)
            if key in moved:
                self._move(moved[key], key, now)
            elif old is None:
                self._remember(key, now, LinkState.NEW)
                self._note(key, ChangeKind.NEW, self._how_found(key))
            elif old.is_away:
                self._remember(key, now, LinkState.RESTORED)
                away = old.lost_reason in _PAGE_WAS_AWAY
                self._note(key, ChangeKind.RESTORED, Reason.PAGE_FOUND if away else Reason.LINK_FOUND)
                self._note_traits(key, old.shown, now)
            else:
                self._remember(key, now, LinkState.LIVE)
                if self._note_traits(key, old.shown, now):
                    self._remember(key, now, LinkState.CHANGED)
        is_there = self._sight.outcome in GOOD
        why = Reason.REMOVED_FROM_PAGE if is_there else Reason.PAGE_REDIRECTED
        for key in missing:
            if key not in moved.values():
                self._lose(key, why)
                self._note(key, ChangeKind.LOST, why)

    # --- what is there ---

    def _would_show(self, key: BacklinkKey, shown: ObservedBacklink) -> bool:
        """True if the visit would have found the backlink if it was there; one that scripts write, only if it was rendered."""
        is_unknown = key.kind == RESOLVED and self._sight.page.is_partly_unknown
        if is_unknown or not self._scope.covers(key, shown):
            return False
        return self._sight.page.rendering is Rendering.DONE or not shown.is_scripted

    def _expected(self) -> set[BacklinkKey]:
        """Returns the backlinks that should be on the page."""
        known = self._page.backlinks.items()
        return {key for key, old in known if not old.is_away and self._would_show(key, old.shown)}

    def _shown(self) -> dict[BacklinkKey, ObservedBacklink]:
        if self._sight.outcome is not VisitOutcome.UNCHANGED:
            return self._sight.backlinks()
        known = self._page.backlinks.items()
        return {
            key: old.shown
            for key, old in known
            if self._would_show(key, old.shown) and (not old.is_away or old.lost_reason in _PAGE_WAS_AWAY)
        }

    def _moved(
        self, missing: list[BacklinkKey], came: list[BacklinkKey], shown: Mapping[BacklinkKey, ObservedBacklink]
    ) -> dict[BacklinkKey, BacklinkKey]:
        """Maps new keys to old keys of links that lead elsewhere now: the only lost and the only new one with an anchor."""
        went = _by_wording((key, self._page.backlinks[key].shown) for key in missing)
        arrived = _by_wording((key, shown[key]) for key in came)
        return {
            keys[0]: went[wording][0]
            for wording, keys in arrived.items()
            if len(keys) == 1 and len(went.get(wording, ())) == 1
        }

    def _leave_the_others(self, shown: Mapping[BacklinkKey, ObservedBacklink], *, is_proof: bool) -> None:
        """Records when the backlinks that this visit does not judge were last seen."""
        for key, old in self._page.backlinks.items():
            is_judged = self._would_show(key, old.shown) and (is_proof or key in shown)
            if not old.is_away and not old.last_seen and not is_judged:
                self.backlinks[key] = replace(old, last_seen=self._page.last_read_at)

    def _how_found(self, key: BacklinkKey) -> Reason:
        is_searched = key.target not in self._scope.first_time or any(
            k.target == key.target for k in self._page.backlinks
        )
        return Reason.LINK_FOUND if self._page.last_read_at and is_searched else Reason.PAGE_FOUND

    # --- what becomes of it ---

    def _remember(self, key: BacklinkKey, now: ObservedBacklink, state: LinkState, since: str = "") -> None:
        old = self._page.backlinks.get(key)
        first_seen = old.first_seen if old is not None else since or self._sight.at
        new = KnownBacklink(shown=now, state=state, first_seen=first_seen)
        if new != old:  # the same object means that nothing is written
            self.backlinks[key] = new

    def _lose(self, key: BacklinkKey, reason: Reason, state: LinkState = LinkState.LOST) -> None:
        old = self._page.backlinks[key]
        last_seen = old.last_seen or self._page.last_read_at
        self.backlinks[key] = replace(old, state=state, last_seen=last_seen, lost_at=self._sight.at, lost_reason=reason)

    def _move(self, went: BacklinkKey, key: BacklinkKey, now: ObservedBacklink) -> None:
        """Records one link that leads elsewhere now: neither lost nor new."""
        since, old = self._page.backlinks[went].first_seen, self._page.backlinks[went].shown
        self._remember(key, now, LinkState.CHANGED, since)
        self._lose(went, Reason.TARGET_CHANGED, LinkState.MOVED)
        self._note(key, ChangeKind.CHANGED, Reason.TARGET_CHANGED, old.target_url, now.target_url)
        self._note_traits(key, old, now)

    def _note_traits(self, key: BacklinkKey, old: ObservedBacklink, new: ObservedBacklink) -> bool:
        """True if a trait of the backlink has changed; records the changes."""
        count = len(self.changes)
        if old is new:
            return False
        for appeared, went, trait in _TRAITS:
            before, after = trait(old), trait(new)
            if bool(before) != bool(after):
                self._note(key, ChangeKind.CHANGED, appeared if after else went, before, after)
        if old.anchor != new.anchor:
            self._note(key, ChangeKind.CHANGED, Reason.ANCHOR_CHANGED, old.anchor, new.anchor)
        return len(self.changes) > count

    def _note(self, key: BacklinkKey, kind: ChangeKind, reason: Reason, before: str = "", after: str = "") -> None:
        shown = self.backlinks[key].shown
        change = Change(
            kind=kind,
            reason=reason,
            target=key.target,
            source_url=self._sight.url,
            source_domain=domain_of(self._sight.url),
            target_url=shown.target_url,
            anchor=shown.anchor,
            before=before,
            after=after,
            at=self._sight.at,
            run=self._scope.run,
            is_mention=is_mention(key.kind),
        )
        self.changes.append((key, change))


def _by_wording(
    backlinks: Iterator[tuple[BacklinkKey, ObservedBacklink]],
) -> dict[tuple[str, str, str], list[BacklinkKey]]:
    found: dict[tuple[str, str, str], list[BacklinkKey]] = {}
    for key, shown in backlinks:
        found.setdefault((key.target, key.kind, shown.anchor), []).append(key)
    return found
