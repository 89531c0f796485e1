"""``backlinkbot sources``: lists who can be asked for pages, what each knows, costs and needs."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from backlinkbot.cli.output import add_format, columns_for, is_for_people, print_answer
from backlinkbot.items.columns import Kind, column, columns_of, row
from backlinkbot.option_table import TABLE

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Mapping

    from backlinkbot.cli.parser import Commands

_NOTHING: Final = "nothing"
"""In ``needs`` of a source that requires nothing."""


@row
class SourceRow:
    """One source: who names pages, and on what terms."""

    source: str = column(Kind.TEXT, "The name in stats and claims.", essential=True)
    words: tuple[str, ...] = column(Kind.LIST, "The words of `--source` that choose it.", essential=True)
    asked: str = column(Kind.TEXT, "When it is asked.", essential=True)
    knows: str = column(Kind.TEXT, "Which pages it names.", essential=True)
    costs: str = column(Kind.TEXT, "The requests that it takes, and its limits.", essential=True)
    needs: str = column(Kind.TEXT, "What it requires.", essential=True)
    documentation: str = column(Kind.TEXT, "The page that describes its requests.")
    terms: str = column(Kind.TEXT, "The page with its terms of use; empty for a site's own documents.")


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "sources",
        help="list who can be asked for pages that link to you: what each knows, costs and needs",
        epilog="exit status: 0 done, 2 usage",
    )
    add_format(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Prints the table; returns the exit status.

    Raises:
        UsageError: there is no such column.
    """
    columns = columns_for(arguments, columns_of(SourceRow))
    sources = rows(_keys(arguments) | os.environ)
    if is_for_people(arguments):
        _print_for_people(sources)
    else:
        print_answer(arguments.format, map(asdict, sources), columns)
    return 0


def _print_for_people(sources: Iterable[SourceRow]) -> None:
    """Prints the sources on a terminal, grouped by when they are asked."""
    from backlinkbot.terminal.cells import terminal_width  # noqa: PLC0415 - imported when sources are printed
    from backlinkbot.terminal.entries import Entry, entry_lines  # noqa: PLC0415 - as above
    from backlinkbot.terminal.pager import print_lines  # noqa: PLC0415
    from backlinkbot.terminal.styles import Painter  # noqa: PLC0415

    width, painter, lines = terminal_width(sys.stdout), Painter.of(sys.stdout), list[str]()
    groups: dict[str, list[SourceRow]] = {}
    for source in sources:
        groups.setdefault(source.asked, []).append(source)
    for asked, found in groups.items():
        lines.append(painter.paint(f"Asked {asked}", "bold", "good"))
        for source in found:
            needs = f"; needs {source.needs}" if source.needs != _NOTHING else ""
            paragraphs = (source.knows, f"{source.costs}{needs}")
            headline = ", ".join(source.words) or source.source
            lines += entry_lines(Entry(headline=headline, paragraphs=paragraphs), width, painter)
        lines.append("")
    lines += ["Ask one of them:", "  backlinkbot discover example.com --source NAME", "Documentation:"]
    lines.append("  backlinkbot help sources")
    print_lines(lines, is_paged=False)


def _keys(arguments: Namespace) -> dict[str, str]:
    """Returns setting -> value of the configuration file's options of ``discover``, among which the keys are."""
    options = {option.name: option for option in TABLE}
    found = arguments.configuration.options("discover")
    return {options[name].setting: str(one.value) for name, one in found.items()}


def rows(environment: Mapping[str, str]) -> Iterator[SourceRow]:
    """Yields a row for each source, with what the environment's keys make of it."""
    from backlinkbot.sources import SOURCES  # noqa: PLC0415 - Scrapy is slow to import

    for source in SOURCES.values():
        profile, key = source.profile, source.key
        has_key = key is not None and bool(environment.get(key.setting))
        if source.is_standard:
            asked = "on each seed's site"
        elif not source.finds_links:
            asked = "by name"
        elif has_key or not (source.is_asked_by_name or (key is not None and key.is_required)):
            asked = "without seeds, with --contact" if source.name == "wikis" else "without seeds"
        else:
            asked = "by name" if source.is_asked_by_name else "once it has its key"
        yield SourceRow(
            source=source.name,
            words=profile.words,
            asked=asked,
            knows=profile.knows,
            costs=profile.costs,
            needs=profile.needs,
            documentation=profile.documentation,
            terms=profile.terms,
        )
