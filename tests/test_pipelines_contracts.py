"""The order of pipelines is checked by what each needs and gives."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from backlinkbot import settings as ours
from backlinkbot.errors import SettingError
from backlinkbot.items.pages import STATES
from backlinkbot.pipelines.check_targets import CheckTargets
from backlinkbot.pipelines.contracts import Contract, check_order

PATHS = dict(ours.ITEM_PIPELINES)
SHORT = {path.rpartition(".")[2]: path for path in PATHS}


class Mine(CheckTargets):
    """A subclass in a project of somebody else's."""


class Theirs:
    """A pipeline of rows."""


def check(**numbers: Any) -> None:
    changed = {SHORT.get(name, f"{__name__}.{name}"): number for name, number in numbers.items()}
    check_order(Settings({"ITEM_PIPELINES": PATHS | changed}))


def test_our_order_is_right() -> None:
    check()


@pytest.mark.parametrize("path", PATHS)
def test_each_of_ours_declares_what_it_needs_and_gives(path: str) -> None:
    contract = load_object(path).contract
    assert isinstance(contract, Contract)
    assert STATES.index(contract.takes) <= STATES.index(contract.returns)
    assert contract.needs <= {field.name for field in fields(contract.takes)}
    assert contract.gives <= {field.name for field in fields(contract.returns)}


@pytest.mark.parametrize("optional", ["ResolveLinks", "JudgeAbsence", "CheckTargets", "RecallClaims", "RecordHistory"])
def test_what_only_adds_may_be_left_out(optional: str) -> None:
    check(**{optional: None})


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (
            {"ExtractBacklinks": 155},
            "ResolveLinks takes ExtractedPage, which ExtractBacklinks returns; give ExtractBacklinks",
        ),
        (
            {"ExtractBacklinks": None},
            "ResolveLinks takes ExtractedPage, and no pipeline returns one",
        ),
        (
            {"ResolveLinks": 170},
            "JudgeAbsence needs matches, to which ResolveLinks adds; give ResolveLinks the lower number",
        ),
        ({"ResolveLinks": 210}, "JudgeAbsence needs matches, to which ResolveLinks adds"),
        ({"CheckTargets": 120}, "CheckTargets needs matches, to which ResolveLinks adds"),
        (
            {"CheckTargets": 310},
            "CheckTargets takes ExtractedPage, but JudgeBacklinks before it returns JudgedPage; give CheckT",
        ),
        (
            {"JudgeBacklinks": 50},
            "JudgeBacklinks takes ExtractedPage, which ExtractBacklinks returns; give ExtractBacklinks",
        ),
        ({"DropDuplicates": 320}, "DropDuplicates needs backlinks, to which RecordHistory adds"),
        ({"Mine": 500}, "Mine takes ExtractedPage"),
        ({"Mine": 130}, "Mine needs matches, to which ResolveLinks adds"),
    ],
)
def test_a_wrong_order_is_refused(numbers: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError, match=f"^ITEM_PIPELINES: {said}"):
        check(**numbers)


def test_pipelines_of_others_may_stand_anywhere() -> None:
    check(Theirs=1)
    check(Theirs=180, Mine=220)
    check(**{"no_such_module.Pipeline": 10})  # Scrapy says so


def test_all_of_ours_may_be_off() -> None:
    check_order(Settings({"ITEM_PIPELINES": dict.fromkeys(PATHS) | {f"{__name__}.Theirs": 1}}))
