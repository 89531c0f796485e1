"""Schedules visits: estimates from past visits how often pages change, and ranks the pages that are due.

Times are days since 1970, UTC; the fraction is the time of day. ``docs/recheck.md`` derives every formula.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHAPE: Final = 0.58
"""Shape of the Weibull distribution of a link's lifetime, fitted to two points of a published survival curve."""
SCALE: Final = 17.9 * 365.25
"""Scale of the same distribution, in days."""
DUE: Final = 0.01
"""The probability of a change since the last visit from which on a page is due; earlier visits find little."""
LONGEST_WAIT: Final = 30
"""Days after which even a page that could never be checked is visited again."""
PRIOR_PAGES: Final = 10
"""The weight of the prior distribution, in pages."""
MOST_KINDS: Final = 2_000
"""The number of different visit histories to learn from."""

# Changes per day, from one in three thousand years to one in two hours; each step is half as much again.
RATES: Final = tuple(1e-6 * 1.5**step for step in range(41))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCounts:
    """What a page's visits tell about how often it changes."""

    intervals: int = 0
    """Between one good visit and the next."""
    changes: int = 0
    """How many of the intervals ended with a change."""
    days: float = 0.0
    """The sum of the intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The past of a page, which determines when it is due."""

    url: str
    last_visit: float | None = None
    """None if it was never visited."""
    last_checked: float | None = None
    """The last visit that could check the page; None if there is none."""
    evidence: ChangeCounts = ChangeCounts()
    importance: float = 1.0
    unchecked: int = 0
    """The number of visits in a row, up to the last, that could not check."""
    is_failing: bool = False
    """True if the last visit found the page gone, which a second one must confirm after 20 hours or more."""


class Rates:
    """The distribution of change rates: for each rate in ``RATES``, the share of pages that have it."""

    def __init__(self, shares: Sequence[float]) -> None:
        self.shares = tuple(shares)
        self._posterior = lru_cache(maxsize=10_000)(self._posterior_of)
        self.outlook = lru_cache(maxsize=50_000)(self._outlook)  # pages found together often share their history

    @classmethod
    def of_links(cls) -> Rates:
        """Returns the prior distribution, before any visit."""
        return cls(_shares_of_the_law())

    @classmethod
    def learn(cls, seen: Iterable[ChangeCounts], rounds: int = 20) -> Rates:
        """Returns the distribution after the visits of many pages (expectation maximisation)."""
        prior = _shares_of_the_law()
        kinds = list(Counter(evidence for evidence in seen if evidence.intervals).items())
        kinds = kinds[:: -(-len(kinds) // MOST_KINDS) or 1]  # evenly spread over the list
        likelihoods = [(_likelihood(evidence), pages) for evidence, pages in kinds]
        pages_in_all = PRIOR_PAGES + sum(pages for _, pages in kinds)
        shares = list(prior)
        for _ in range(rounds if kinds else 0):
            found = [PRIOR_PAGES * share for share in prior]
            for likelihood, pages in likelihoods:
                joint = [share * likely for share, likely in zip(shares, likelihood, strict=True)]
                weight = pages / sum(joint)
                found = [sum_ + weight * part for sum_, part in zip(found, joint, strict=True)]
            shares = [sum_ / pages_in_all for sum_ in found]
        return cls(shares)

    def _posterior_of(self, evidence: ChangeCounts) -> tuple[float, ...]:
        joint = [share * likely for share, likely in zip(self.shares, _likelihood(evidence), strict=True)]
        whole = sum(joint)
        return tuple(part / whole for part in joint)

    def mean(self, evidence: ChangeCounts) -> float:
        """Returns the expected changes per day of a page with this history."""
        return sum(weight * rate for weight, rate in zip(self._posterior(evidence), RATES, strict=True))

    def _outlook(self, evidence: ChangeCounts, days: float) -> tuple[float, float]:
        """Returns (the probability that the page has changed so many days after its last visit, the gain of a visit now).

        The gain is in days of freshness for each visit spent. For a page that changes Δ times a day it is
        (1 - (1 + Δt)·exp(-Δt)) / Δ, the derivative of the freshness of evenly spaced visits by their number; where Δ is
        uncertain, its mean. It ends at 1/Δ, so that a page that changes faster than any crawl can follow yields to pages
        where a visit gains more.
        """
        chance = gain = 0.0
        for weight, rate in zip(self._posterior(evidence), RATES, strict=True):
            x = rate * days
            unchanged = math.exp(-x)
            chance += weight * (1 - unchanged)
            # The difference of two numbers near 1 loses all digits where x is small; the series keeps them.
            gain += weight / rate * (x * x * (0.5 - x / 3) if x < 1e-4 else 1 - (1 + x) * unchanged)
        return chance, gain


def due(pages: Iterable[Past], now: float, budget: int, rates: Rates | None = None) -> list[Past]:
    """Returns the pages to visit now, the most urgent first, at most ``budget``; 0: no limit.

    First pages whose loss a second visit must confirm, then those never checked, then those that may have changed, by the
    gain of a visit. No page is due twice on one day. ``rates`` are learnt from the pages if not given.
    """
    ranked = rank(pages, now, rates)
    return ranked[:budget] if budget else ranked


def rank(pages: Iterable[Past], now: float, rates: Rates | None = None) -> list[Past]:
    """Returns all pages that are due, the most urgent first."""
    known = list(pages)
    rates = rates or Rates.learn(page.evidence for page in known)
    urgencies = ((_urgency(page, now, rates), page) for page in known)
    ranked = [(urgency, page) for urgency, page in urgencies if urgency is not None]
    ranked.sort(key=lambda pair: pair[0], reverse=True)  # stable: equal pages stay in the given order
    return [page for _, page in ranked]


def _urgency(page: Past, now: float, rates: Rates) -> tuple[int, float] | None:
    """Returns the urgency of a page by which it is ranked; None if it is not due."""
    if page.last_visit is not None and now < earliest(page.last_visit, page.unchecked):
        return None
    if page.is_failing:
        return 2, page.importance
    if page.last_checked is None:
        return 1, page.importance
    days = roughly(now - page.last_checked)  # so that many pages share one calculation
    chance, gain = rates.outlook(page.evidence, days)
    return (0, page.importance * gain) if chance >= DUE else None


def roughly(days: float) -> float:
    """Rounds to two digits, the precision of the model."""
    return float(f"{days:.2g}")


def earliest(last_visit: float, unchecked: int) -> float:
    """Returns the earliest time of the next visit: the next day, or after 1, 2, 4, 8… days if no visit could check."""
    if not unchecked:
        return math.floor(last_visit) + 1
    return math.floor(last_visit) + min(1 << min(unchecked - 1, 10), LONGEST_WAIT)


@lru_cache(maxsize=1)
def _shares_of_the_law() -> tuple[float, ...]:
    """Returns the mixture of rates under which links live as the Weibull distribution predicts.

    exp(-(t/s)^k) with k < 1 is the mean of exp(-Δt) where Δ·s follows the positive stable law of index k, so each share
    is the part of that distribution between two rates. Kanter (1975): P(X <= x) is the mean of exp(-a(θ)·x^(-k/(1-k))).
    """
    k, steps = SHAPE, 400
    angles = [(step + 0.5) * math.pi / steps for step in range(steps)]
    powers = [math.sin((1 - k) * a) * math.sin(k * a) ** (k / (1 - k)) / math.sin(a) ** (1 / (1 - k)) for a in angles]
    between = [math.sqrt(lower * upper) * SCALE for lower, upper in pairwise(RATES)]
    below = [sum(math.exp(-a * x ** (-k / (1 - k))) for a in powers) / steps for x in between]
    shares = [max(upper - lower, 1e-9) for lower, upper in pairwise((0.0, *below, 1.0))]  # no rate is impossible
    return tuple(share / sum(shares) for share in shares)


def _likelihood(evidence: ChangeCounts) -> list[float]:
    """Returns the likelihood of the evidence at each rate, scaled so that the largest is 1.

    Cho and Garcia-Molina (2003): an interval of t days shows a change with the probability 1 - exp(-Δt). The mean
    interval stands for each.
    """
    if not evidence.intervals:
        return [1.0] * len(RATES)
    interval = max(evidence.days / evidence.intervals, 1 / 86_400)
    unchanged_days = interval * (evidence.intervals - evidence.changes)
    logs = [evidence.changes * math.log(-math.expm1(-rate * interval)) - rate * unchanged_days for rate in RATES]
    most = max(logs)
    return [math.exp(log - most) for log in logs]
