"""``backlinkbot help``: prints the documents of the documentation, or sections of them."""

from __future__ import annotations

import re
import sys
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from backlinkbot.cli.topics import sections, slug, topics
from backlinkbot.errors import UsageError
from backlinkbot.terminal.cells import shorten, terminal_width
from backlinkbot.terminal.styles import Painter
from backlinkbot.text.suggestions import did_you_mean
from backlinkbot.text.terminal_escaping import raw

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from backlinkbot.cli.parser import Commands
    from backlinkbot.cli.topics import Topic


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
    from backlinkbot.terminal.documents import print_document  # noqa: PLC0415 - rich is slow to import

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
    if topic is not None and not section:
        return topic.text()
    found = {one.name: sections(one.text()) for one in ([topic] if topic is not None else known.values())}
    wanted = slug(section if topic is not None else f"{name} {section}".strip())
    text = next((of_topic[wanted] for of_topic in found.values() if wanted in of_topic), None)
    if text is not None:
        return text
    if topic is not None:
        names = list(found[topic.name])
        listed = ", ".join(name for name in names)
        raise UsageError(
            f"{topic.name} has no section {section!r}{did_you_mean(wanted, names) or f'; it has {listed}'}"
        )
    headings = {heading for of_topic in found.values() for heading in of_topic}
    meant = did_you_mean(wanted, known) or did_you_mean(wanted, sorted(headings))
    raise UsageError(f"there is no topic {name!r}{meant or '; `backlinkbot help` lists them'}")


def _print_topics(known: Iterable[Topic]) -> None:
    from backlinkbot.terminal.pager import page  # noqa: PLC0415 - imported when the topics are printed

    is_terminal = sys.stdout.isatty()
    width = terminal_width(sys.stdout) - 1 if is_terminal else None
    blocks = _blocks(list(known), Painter.of(sys.stdout), width)
    text = "\n\n".join([*blocks, "backlinkbot help TOPIC prints one, backlinkbot help TOPIC SECTION a part of it."])
    if not (is_terminal and page(text.splitlines())):
        raw(sys.stdout).write(f"{text}\n")


def _blocks(known: list[Topic], painter: Painter, width: int | None) -> Iterator[str]:
    cells = max(len(topic.name) for topic in known) + 4
    for group, of_group in groupby(known, attrgetter("group")):
        lines = [
            f"  {topic.name}".ljust(cells) + re.sub(r"\[([^]]*)\]\([^)]*\)|`", r"\1", topic.says) for topic in of_group
        ]
        shown = [shorten(line, max(width, cells + 10)) if width else line for line in lines]
        yield "\n".join([painter.paint(f"{group}:", "bold"), *shown])
