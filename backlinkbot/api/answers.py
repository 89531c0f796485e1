"""Asks a history from Python: what has changed, and who links to competitors only."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from os import fspath
from pathlib import Path

from backlinkbot.api.calls import words_of_argument
from backlinkbot.api.keywords import Word, Words
from backlinkbot.api.tables import Rows
from backlinkbot.configuration import history_of
from backlinkbot.items import Change
from backlinkbot.items.columns import FULL
from backlinkbot.reports.gap import Prospect

logger = logging.getLogger("backlinkbot")


def default_history() -> str:
    """Returns the history that commands use where none is named: of the environment, of ``backlinkbot.toml``, else ``backlinks.db``.

    Raises:
        SettingError: the configuration file is wrong.
    """
    return history_of(os.environ)


def changes(
    targets: Words = (),
    *,
    history: Word | None = None,
    since: str | int | None = None,
    columns: Iterable[str] = (FULL,),
) -> Rows[Change]:
    """Returns what is new, lost, restored and changed, with reasons, as ``backlinkbot changes`` does.

    Args:
        targets: only these; all of the history's if none is named.
        history: a file or database; without it that of the environment variable, else ``backlinks.db``.
        since: a run's number: changes after it; a day or time, UTC: ``"2026-01-31"``. Without it those of the last run.
        columns: the columns of tables.

    Raises:
        UsageError: there is no such history, run, day or column.
        OutputError: the history cannot be read.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import
    from backlinkbot.history.since import changes_since  # noqa: PLC0415 - as above

    names = words_of_argument("targets", targets)
    with History.open(fspath(history or default_history()), create=False) as opened:
        found = opened.changes(targets=names or None, **changes_since(opened, None if since is None else str(since)))
        return Rows(found, Change, tuple(columns))


def gap(
    target: str,
    against: Words,
    *,
    at_least: int | None = None,
    exports: Words = (),
    ranks: Word | None = None,
    history: Word | None = None,
    columns: Iterable[str] = (FULL,),
) -> Rows[Prospect]:
    """Returns the domains that link to competitors and not to you, the best first, as ``backlinkbot gap`` does.

    Args:
        target: your site.
        against: the competitors' sites.
        at_least: to how many of them a domain links; without it 2, or all if fewer.
        exports: files of other tools; ``COMPETITOR=FILE`` where a file does not say whose links it lists.
        ranks: a rank file of Common Crawl's web graph, which fills in the authority.
        history: a file or database; without it that of the environment variable, else ``backlinks.db``, which need not exist if
            there are exports.
        columns: the columns of tables.

    Raises:
        UsageError: a target names nothing, a file cannot be read, or no link to any competitor is known.
        OutputError: the history cannot be read.
    """
    from backlinkbot.reports.prospects import find_prospects  # noqa: PLC0415 - SQLAlchemy, as above

    files = words_of_argument("exports", exports)
    found = find_prospects(
        target,
        words_of_argument("against", against),
        at_least=at_least,
        exports=files,
        ranks=None if ranks is None else fspath(ranks),
        history=_history_for_gap(history, has_exports=bool(files)),
    )
    for line in found.warnings:
        logger.warning("%s", line)
    return Rows(found.prospects, Prospect, tuple(columns))


def _history_for_gap(history: Word | None, *, has_exports: bool) -> str | None:
    if history is not None:
        return fspath(history)
    default = default_history()
    return None if has_exports and "://" not in default and not Path(default).exists() else default
