"""What ``mine`` does alike on one machine and on a cluster: its options, and candidates out of rows."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.output import history_of
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable

    from backlinkbot.archives.mining import MiningOptions
    from backlinkbot.archives.rows import ArchivedBacklink

_CANDIDATES: Final = (".jsonl", ".jl", ".csv")


def options_of(values: dict[str, Any]) -> MiningOptions:
    """Returns what is looked for.

    Raises:
        UsageError: a target is invalid.
    """
    from backlinkbot.archives.mining import MiningOptions  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.extract.other_links.brands import Brands  # noqa: PLC0415
    from backlinkbot.options import named_targets  # noqa: PLC0415
    from backlinkbot.targets import Targets  # noqa: PLC0415

    names, aliases = named_targets(values["targets"], values["aliases"])
    options = MiningOptions(
        targets=tuple(names),
        aliases=tuple((name, tuple(others)) for name, others in aliases.items()),
        agent=values["agent"].lower(),
        includes_own=values["include_same_domain"],
        mentions=values["mentions"],
        brands=values["brands"],
        bounds=(values["max_links_per_target"], values["max_links_per_page"]),
        cache_dir=str(cache_folder() or ""),
    )
    # So that a mistake is told before anything is read.
    Brands.parse(options.brands, Targets.parse(options.targets, dict(options.aliases)))
    return options


def cache_folder() -> Path | None:
    """Returns the folder for compiled filters and unfinished runs: the user's own cache folder, or that of the environment."""
    from backlinkbot.options import cache_folder_of  # noqa: PLC0415

    return cache_folder_of(os.environ.get("BACKLINKBOT_CACHE_DIR"))


def check_candidates(arguments: Namespace, candidates: str) -> None:
    """Checks that the candidates can be written and stored.

    Raises:
        UsageError: the file has another ending.
        OutputError: it or the history cannot be written.
    """
    from backlinkbot.cli import import_outputs  # noqa: PLC0415
    from backlinkbot.files.atomic import check_writable  # noqa: PLC0415

    if candidates and Path(candidates).suffix.lower() not in _CANDIDATES:
        raise UsageError(f"--candidates-out {candidates}: the file must end in one of {', '.join(_CANDIDATES)}")
    if candidates:
        check_writable(Path(candidates))
    if arguments.history is not None:
        import_outputs.check(history_of(arguments))


def keep_candidates(
    arguments: Namespace, values: dict[str, Any], rows: Callable[[], Iterable[ArchivedBacklink]]
) -> None:
    """Writes the pages of the rows as candidates, and stores them in the history, where the arguments ask for it.

    Raises:
        OutputError: they cannot be written.
    """
    from itertools import groupby  # noqa: PLC0415
    from operator import attrgetter  # noqa: PLC0415

    from backlinkbot.archives.rows import candidate_of  # noqa: PLC0415
    from backlinkbot.cli import import_outputs  # noqa: PLC0415
    from backlinkbot.importers.merging import Merger  # noqa: PLC0415

    history = history_of(arguments) if arguments.history is not None else ""
    if not (history or values["candidates_out"]):
        return
    with Merger() as merger:
        number = 0
        for _, of_page in groupby(rows(), key=attrgetter("source_url")):
            candidate = candidate_of(of_page)
            if candidate is not None:
                merger.add(candidate)
                number += 1
        kept = import_outputs.keep(
            merger.lines(),
            number,
            files=values["archives"],
            history=history,
            output=values["candidates_out"],
            is_quiet=arguments.quiet,
        )
    for name in filter(None, (history, values["candidates_out"])):
        sys.stderr.write(f"{name}: {kept.count:,} candidates, each page once\n")
