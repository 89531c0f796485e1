"""``backlinkbot todo``: lists what to do about the known backlinks, and remembers what is done."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backlinkbot.cli.cycle_search import without_cycle_search
from backlinkbot.cli.export import ENDINGS, write
from backlinkbot.cli.output import (
    add_format,
    add_history,
    columns_for,
    history_command,
    history_of,
    is_for_people,
    print_answer,
)
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from backlinkbot.cli.parser import Commands
    from backlinkbot.history import History
    from backlinkbot.items.columns import Column
    from backlinkbot.reports.todo.listing import Section
    from backlinkbot.reports.todo.tasks import Task
    from backlinkbot.terminal.entries import Entry

_LIMIT: Final = 10
LIST, DONE, REOPEN = "list", "done", "reopen"


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "todo",
        help="list what to do: lost links to win back, broken targets, mentions; remember what is done",
        epilog="exit status: 0 done, 1 not done, 2 usage",
    )
    parser.add_argument(
        "action",
        metavar="ACTION",
        nargs="?",
        choices=(LIST, DONE, REOPEN),
        default=LIST,
        help=f"{LIST}, which is the default; {DONE} and {REOPEN} take numbers",
    )
    parser.add_argument("numbers", metavar="NUMBER", nargs="*", type=int, help="of tasks, as the list shows them")
    parser.add_argument("--note", metavar="TEXT", help="a note that is kept with the tasks")
    parser.add_argument("--target", metavar="NAME", action="append", default=[], help="only this target's; repeatable")
    parser.add_argument(
        "--against", metavar="COMPETITOR", nargs="+", default=[], help="the targets of the history that are competitors"
    )
    parser.add_argument("--ranks", metavar="FILE", help="rank file of Common Crawl's web graph: fills in authority")
    parser.add_argument("--status", choices=("open", "done", "all"), default="open", help="which tasks; default open")
    parser.add_argument(
        "--limit", metavar="N", type=int, default=_LIMIT, help=f"tasks of each kind; 0 for all; default {_LIMIT}"
    )
    add_history(parser)
    add_format(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help=f"write a file instead: {', '.join(ENDINGS)}")
    parser.set_defaults(run=run)


@without_cycle_search()
def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Lists the tasks, or changes the status of some; returns the exit status.

    Raises:
        UsageError: the words do not go together, there is no such history, competitor, column or task.
        OutputError: the history cannot be read or written, or the file not be written.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy, which --help need not wait for
    from backlinkbot.items.columns import columns_of  # noqa: PLC0415
    from backlinkbot.reports.todo.history_tasks import tasks_of  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.reports.todo.tasks import Task  # noqa: PLC0415

    _refuse_nonsense(arguments)
    columns = columns_for(arguments, columns_of(Task))
    with History.open(history_of(arguments), create=False) as history:
        if arguments.action != LIST:
            return _mark(history, arguments)
        _refuse_unknown(history, arguments)
        shown = tasks_of(
            history,
            targets=arguments.target,
            against=arguments.against,
            ranks=arguments.ranks,
            status=arguments.status,
            limit=arguments.limit,
        )
    _print(shown, columns, arguments)
    return 0


def _refuse_nonsense(arguments: Namespace) -> None:
    if arguments.action == LIST and (arguments.numbers or arguments.note is not None):
        raise UsageError(f"write todo {DONE} NUMBER or todo {REOPEN} NUMBER, with --note TEXT if you like")
    if arguments.action != LIST and not arguments.numbers:
        raise UsageError(f"todo {arguments.action} takes the numbers of tasks; backlinkbot todo lists them")
    if arguments.limit < 0:
        raise UsageError(f"--limit {arguments.limit}: give the number of tasks of each kind, or 0 for all")
    if arguments.output not in {None, "-"} and Path(arguments.output).suffix.lower() not in ENDINGS:
        raise UsageError(f"-o {arguments.output}: unknown format; the file must end in one of {', '.join(ENDINGS)}")


def _mark(history: History, arguments: Namespace) -> int:
    from backlinkbot.history import TaskStatus  # noqa: PLC0415 - as above

    status = TaskStatus.DONE if arguments.action == DONE else TaskStatus.OPEN
    for record in history.mark_tasks(arguments.numbers, status, note=arguments.note):
        note = f" ({record.note})" if record.note else ""
        sys.stdout.write(f"{record.number} {record.status}: {record.subject.kind} {record.subject.page}{note}\n")
    return 0


def _refuse_unknown(history: History, arguments: Namespace) -> None:
    known = {name for run in history.runs() for name in run.targets}
    for name in (*arguments.target, *arguments.against):
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise UsageError(
                f"the history knows no target {name}; it knows {there}. Find its links first (discover, verify) with --history"
            )


def _print(shown: Sequence[Section], columns: Sequence[Column], arguments: Namespace) -> None:
    from backlinkbot.reports.exports.tables import values  # noqa: PLC0415 - as above

    if arguments.output:
        write(arguments.output, columns, values((task for section in shown for task in section.tasks), columns))
        return
    if arguments.format not in {"table", "md"}:
        print_answer(arguments.format, (asdict(task) for section in shown for task in section.tasks), columns)
        return
    if not shown:
        sys.stdout.write("nothing to do\n")
    if is_for_people(arguments):
        _print_for_people(shown, arguments)
        return
    for section in shown:
        sys.stdout.write(f"{'## ' if arguments.format == 'md' else ''}{_heading(section)}\n\n")
        print_answer(arguments.format, map(asdict, section.tasks), _shown(columns, section, arguments))
        sys.stdout.write("\n")


def _heading(section: Section) -> str:
    is_cut = len(section.tasks) < section.total
    return f"{section.title} ({f'{len(section.tasks):,} of ' if is_cut else ''}{section.total:,})"


def _print_for_people(shown: Sequence[Section], arguments: Namespace) -> None:
    """Prints the tasks on a terminal: what to do as a heading of the tasks that share it, the evidence below each page."""
    from backlinkbot.terminal.cells import terminal_width  # noqa: PLC0415 - as above
    from backlinkbot.terminal.entries import entry_lines, wrapped  # noqa: PLC0415
    from backlinkbot.terminal.styles import Painter  # noqa: PLC0415
    from backlinkbot.text.terminal_escaping import raw  # noqa: PLC0415

    width, painter, lines = terminal_width(sys.stdout), Painter.of(sys.stdout), list[str]()
    for section in shown:
        lines += [painter.paint(_heading(section), "bold"), ""]
        for action, tasks in section.groups:
            lines += [painter.paint(line, "good") for line in wrapped(action, width)]
            for task in tasks:
                lines += entry_lines(_entry(task), width, painter)
            lines.append("")
    is_open = (task.number for section in shown for task in section.tasks if task.status != DONE)
    if (first := next(is_open, None)) is not None:
        lines += ["When one is done:", f"  {_command(arguments, DONE, str(first), '--note', 'what you did')}"]
    if any(len(section.tasks) < section.total for section in shown):
        lines += ["All tasks:", f"  {_command(arguments, *_choice(arguments), '--limit', '0')}"]
    raw(sys.stdout).writelines(f"{line}\n" for line in lines)


def _command(arguments: Namespace, *words: str) -> str:
    return history_command(arguments, "todo", *words)


def _choice(arguments: Namespace) -> Iterator[str]:
    """Yields the given options that choose the tasks and their order."""
    for name in arguments.target:
        yield from ("--target", name)
    if arguments.against:
        yield from ("--against", *arguments.against)
    if arguments.ranks:
        yield from ("--ranks", arguments.ranks)
    if arguments.status != "open":
        yield from ("--status", arguments.status)


def _entry(task: Task) -> Entry:
    """Returns what a terminal shows of a task below its action."""
    from backlinkbot.reports.todo.tasks import UNKNOWN  # noqa: PLC0415 - as above
    from backlinkbot.terminal.entries import Entry  # noqa: PLC0415

    worth = [
        f"authority {task.authority:g}" if task.authority is not None else "",
        f"in the {task.placement} of the page" if task.placement else "",
        f"{task.links_beside:,} other outgoing links" if task.links_beside is not None else "",
        f"relevance {task.relevance:.0%}" if task.relevance is not None else "",
    ]
    contact = f"write to {task.contact}" if task.contact not in {"", "you", UNKNOWN} else ""
    status = f"{task.status}{f': {task.note}' if task.note else ''}" if task.status == DONE or task.note else ""
    paragraphs = (task.evidence, "; ".join(filter(None, worth)), contact, status)
    return Entry(number=task.number, headline=task.page, paragraphs=tuple(filter(None, paragraphs)))


def _shown(columns: Sequence[Column], section: Section, arguments: Namespace) -> list[Column]:
    """Returns the columns of a table: without ``--columns``, those that say something of any of the tasks."""
    every = [asdict(task) for task in section.tasks]
    is_asked = arguments.columns is not None
    return [column for column in columns if is_asked or any(task[column.name] not in {None, ""} for task in every)]
