"""Checks the order of item pipelines by what each declares to need and to give, before a crawl begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import load_object

from backlinkbot.errors import SettingError
from backlinkbot.items import FetchedPage, Page
from backlinkbot.items.pages import STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.settings import BaseSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a pipeline needs and gives; a class attribute ``contract`` of each of ours, which subclasses inherit."""

    takes: type[Page]
    """The state of a visit that it is given."""
    returns: type[Page]
    """The state that it returns."""
    needs: frozenset[str] = field(default=frozenset())
    """The fields that must be complete: every pipeline that gives one of them comes before it."""
    gives: frozenset[str] = field(default=frozenset())
    """The fields that it adds to."""


def check_order(settings: BaseSettings) -> None:
    """Checks the order of our pipelines in ``ITEM_PIPELINES``, and of subclasses of them; others take rows, behind ours.

    Raises:
        SettingError: a pipeline comes before another that gives what it needs, or nothing gives that.
    """
    steps = [(path, contract) for path in _paths(settings) if (contract := _contract_of(path)) is not None]
    _check_states(steps)
    for (path, contract), (later, of_later) in combinations(steps, 2):
        missing = sorted(contract.needs & of_later.gives)
        if missing:
            raise SettingError(
                f"ITEM_PIPELINES: {_name(path)} needs {' and '.join(missing)}, to which {_name(later)} adds; "
                f"give {_name(later)} the lower number"
            )


def _check_states(steps: Sequence[tuple[Any, Contract]]) -> None:
    state: type[Page] = FetchedPage
    changed_by = ""
    for number, (path, contract) in enumerate(steps):
        if contract.takes is not state:
            wanted = contract.takes
            if STATES.index(wanted) < STATES.index(state):
                why = f"but {changed_by} before it returns {state.__name__}; give {_name(path)} the lower number"
            else:
                later = steps[number + 1 :]
                giver = next((_name(one) for one, of_one in later if wanted is of_one.returns is not of_one.takes), "")
                why = (
                    f"which {giver} returns; give {giver} the lower number" if giver else "and no pipeline returns one"
                )
            raise SettingError(f"ITEM_PIPELINES: {_name(path)} takes {wanted.__name__}, {why}")
        if contract.returns is not state:
            state, changed_by = contract.returns, _name(path)


def _paths(settings: BaseSettings) -> list[Any]:
    paths: list[Any] = build_component_list(settings.getdict("ITEM_PIPELINES"))
    return paths


def _contract_of(path: Any) -> Contract | None:
    try:
        contract = getattr(load_object(path), "contract", None)
    except Exception:  # noqa: BLE001 - of a module of the user's own; Scrapy says so when it loads the pipeline
        return None
    return contract if isinstance(contract, Contract) else None


def _name(path: Any) -> str:
    return path.rpartition(".")[2] if isinstance(path, str) else str(path.__qualname__)
