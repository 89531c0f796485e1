"""``backlinkbot help``: prints a document of the documentation, a section of one, or the list of topics."""

from __future__ import annotations

import re
import sys
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from backlinkbot.cli.documentation import sections, slug, topics
from backlinkbot.errors import UsageError
from backlinkbot.terminal.cells import shorten, terminal_width
from backlinkbot.terminal.pager import print_lines
from backlinkbot.terminal.styles import Painter
from backlinkbot.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from backlinkbot.cli.documentation import Topic
    from backlinkbot.cli.parser import Commands


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "help",
        help="print a topic of the documentation; without one, list the topics",
        epilog="exit status: 0 done, 2 there is no such topic",
    )
    parser.add_argument(
        "topic", metavar="TOPIC", nargs="?", default="", help="a document, a command, or the heading of a section"
    )
    parser.add_argument("section", metavar="SECTION", nargs="?", default="", help="only this section of the document")
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Prints the topic or the list of topics; returns the exit status.

    Raises:
        UsageError: there is no such topic, or the package was installed without its documents.
    """
    from backlinkbot.terminal.markdown import print_document  # noqa: PLC0415 - rich is slow to import

    known = topics()
    if not known:
        raise UsageError("this installation has no documents; `backlinkbot COMMAND --help-all` describes the options")
    if arguments.topic:
        print_document(_text(known, arguments.topic, arguments.section))
    else:
        _print_topics(known.values())
    return 0


def _text(known: dict[str, Topic], name: str, section: str) -> str:
    """Returns a document, or the section that is asked for; raises UsageError."""
    topic = known.get(name.removesuffix(".md"))
    if topic is None:
        return _section_of_any(known, name, section)
    if not section:
        return topic.text()
    found, wanted = sections(topic.text()), slug(section)
    if wanted not in found:
        meant = did_you_mean(wanted, found) or f"; it has {', '.join(found)}"
        raise UsageError(f"{topic.name} has no section {section!r}{meant}")
    return found[wanted]


def _section_of_any(known: dict[str, Topic], name: str, section: str) -> str:
    """Returns the section whose heading the words are, of the first document that has it; raises UsageError."""
    found: dict[str, str] = {}
    for topic in known.values():
        found = sections(topic.text()) | found
    wanted = slug(f"{name} {section}".strip())
    if wanted not in found:
        meant = did_you_mean(wanted, known) or did_you_mean(wanted, sorted(found))
        raise UsageError(f"there is no topic {name!r}{meant or '; `backlinkbot help` lists them'}")
    return found[wanted]


def _print_topics(known: Iterable[Topic]) -> None:
    width = terminal_width(sys.stdout) - 1 if sys.stdout.isatty() else None
    blocks = _blocks(list(known), Painter.of(sys.stdout), width)
    text = "\n\n".join([*blocks, "backlinkbot help TOPIC prints one, backlinkbot help TOPIC SECTION a part of it."])
    print_lines(text.splitlines())


def _blocks(known: list[Topic], painter: Painter, width: int | None) -> Iterator[str]:
    cells = max(len(topic.name) for topic in known) + 4
    for group, of_group in groupby(known, attrgetter("group")):
        lines = [
            f"  {topic.name}".ljust(cells) + re.sub(r"\[([^]]*)\]\([^)]*\)|`", r"\1", topic.says) for topic in of_group
        ]
        shown = [shorten(line, max(width, cells + 10)) if width else line for line in lines]
        yield "\n".join([painter.paint(f"{group}:", "bold"), *shown])
