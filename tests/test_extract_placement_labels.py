"""Placements of links on real pages, against what a person says of each; the pages are shared data and no part of the project."""

from __future__ import annotations

from functools import cache

import pytest

from backlinkbot.extract.placement.place_words import PLACEMENTS
from benchmarks.placements import Outcome, labelled, outcome, tables

pytestmark = pytest.mark.conformance


@cache
def found() -> Outcome:
    return outcome(labelled())


def test_there_are_labels_enough_of_every_placement() -> None:
    labels = [one.label for one in labelled()]
    assert len(labels) >= 300
    assert set(labels) == set(PLACEMENTS)
    assert min(map(labels.count, PLACEMENTS)) >= 30


def test_placements_are_right() -> None:
    assert found().accuracy >= 0.92, "\n".join(tables([found()]))


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_no_placement_is_told_at_the_cost_of_another(placement: str) -> None:
    assert found().recall(placement) >= 0.8
    assert found().precision(placement) >= 0.8
