"""Formats what ``--help`` and ``--help-all`` print of a command: its options in groups, examples, and the name of its document.

``--help`` leaves out options that few people need; ``--help-all`` shows every option.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, Protocol

from backlinkbot.cli.help_table import COMMANDS, COMMON_TASKS, FLAGS, FULL_HELP_ONLY, CommandGroup, FlagGroup
from backlinkbot.option_table import OptionGroup
from backlinkbot.terminal.cells import DEFAULT_WIDTH, READABLE_WIDTH
from backlinkbot.terminal.styles import Painter

if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.cli.help_table import Example
    from backlinkbot.option_table import Option

_NARROWEST: Final = 40
_INDENT: Final = "  "
_FLAG_CELLS: Final = 26
"""Cells of the column of flags; a longer one has a line of its own."""
_ARGUMENTS: Final = "Arguments"
_GROUP_OF: Final = {name: group for group, names in FLAGS.items() for name in names.split()}
_ORDER: Final = (_ARGUMENTS, *OptionGroup, *FlagGroup)
_PLAIN: Final = Painter(is_on=False)


class Described(Protocol):
    """The parts of a parser that its help describes."""

    prog: str
    description: str | None
    epilog: str | None
    options: dict[str, Option]
    """The options of the option table that are flags of it, by name."""
    summaries: dict[str, str]
    """Command -> what it does, in one line; empty for a command's parser."""

    @property
    def flags(self) -> tuple[Action, ...]:
        """The flags and positional arguments."""


def usage(parser: Described) -> str:
    """Returns the usage line: ``usage: backlinkbot gap [OPTIONS] --against COMPETITOR TARGET``."""
    required = (_invocation(action) for action in parser.flags if action.option_strings and action.required)
    positional = (_metavar(action) for action in parser.flags if not action.option_strings)
    return " ".join(
        ["usage:", parser.prog, "[OPTIONS]", *required, *(["COMMAND ..."] if parser.summaries else positional)]
    )


def help_text(
    parser: Described, painter: Painter = _PLAIN, *, width: int = DEFAULT_WIDTH, is_full: bool = False
) -> str:
    """Returns the help.

    Args:
        parser: the parser of a command, or the one of ``backlinkbot`` itself.
        painter: styles the headings.
        width: cells of a line.
        is_full: True for ``--help-all``.
    """
    wrap = max(min(width, READABLE_WIDTH), _NARROWEST) - 1  # some terminals wrap after the last column
    sections = [_wrapped(usage(parser), wrap), _wrapped(parser.description or "", wrap)]
    sections += _command_sections(parser, painter, wrap) if parser.summaries else []
    sections += _flag_sections(parser, painter, wrap, is_full=is_full)
    examples = COMMON_TASKS if parser.summaries else COMMANDS[_command_of(parser)].examples
    sections.append("\n".join([painter.paint("Examples:", "bold"), *_examples(examples, wrap)]))
    sections += [_wrapped(text, wrap) for text in _closing(parser, is_full=is_full)]
    return "\n\n".join(filter(None, sections)) + "\n"


def _command_of(parser: Described) -> str:
    return parser.prog.rpartition(" ")[2]


def group_of(parser: Described, action: Action) -> str:
    """Returns the heading below which a help shows a flag or argument."""
    if not action.option_strings:
        return _ARGUMENTS
    option = parser.options.get(action.dest)
    return option.group if option is not None else _GROUP_OF.get(flag_name(action), FlagGroup.GENERAL)


def is_common(parser: Described, action: Action) -> bool:
    """True if the short help shows a flag or argument."""
    option = parser.options.get(action.dest)
    return (
        _command_of(parser) in option.common_in
        if option is not None and action.option_strings
        else flag_name(action) not in FULL_HELP_ONLY
    )


def flag_name(action: Action) -> str:
    """Returns the long name of a flag, with underscores; empty for a positional argument."""
    return next((word[2:].replace("-", "_") for word in action.option_strings if word.startswith("--")), "")


def _flag_sections(parser: Described, painter: Painter, width: int, *, is_full: bool) -> Iterator[str]:
    shown: dict[str, list[Action]] = {}
    for action in parser.flags:
        is_command = parser.summaries and not action.option_strings
        if not is_command and (is_full or is_common(parser, action)):
            shown.setdefault(group_of(parser, action), []).append(action)
    for title in _ORDER:
        if actions := shown.get(title):
            lines = (line for action in actions for line in _entry(_invocation(action), action.help or "", width))
            yield "\n".join([painter.paint(f"{title}:", "bold"), *lines])


def _command_sections(parser: Described, painter: Painter, width: int) -> Iterator[str]:
    for group in CommandGroup:
        names = [name for name, described in COMMANDS.items() if described.group is group]
        cells = max(map(len, COMMANDS)) + 4
        lines = (line for name in names for line in _entry(name, parser.summaries[name], width, cells))
        yield "\n".join([painter.paint(f"{group}:", "bold"), *lines])


def _closing(parser: Described, *, is_full: bool) -> Iterator[str]:
    """Yields the last paragraphs: the exit statuses, and how to read more."""
    yield parser.epilog or ""
    if parser.summaries:
        yield f"{parser.prog} COMMAND --help explains a command, {parser.prog} help lists the documentation."
        return
    left_out = 0 if is_full else sum(not is_common(parser, action) for action in parser.flags)
    more = f"{left_out} more options: {parser.prog} --help-all. " if left_out else ""
    yield f"{more}Documentation: backlinkbot help {COMMANDS[_command_of(parser)].document}"


def _entry(invocation: str, text: str, width: int, cells: int = _FLAG_CELLS) -> list[str]:
    """Returns the lines of a flag and its help, the help in a column of its own."""
    first = f"{_INDENT}{invocation}"
    indent = " " * cells
    lines = textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    if not lines:
        return [first]
    if len(first) + len(_INDENT) > cells:
        return [first, *lines]
    return [first.ljust(cells) + lines[0].lstrip(), *lines[1:]]


def _examples(examples: Iterable[Example], width: int) -> Iterator[str]:
    for purpose, command in examples:
        yield f"{_INDENT}# {purpose}"
        yield from _command_lines(command, width)


def _command_lines(words: str, width: int) -> Sequence[str]:
    """Returns a command as lines that a shell reads as one."""
    lines = textwrap.wrap(
        words,
        width - len(" \\"),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT * 3,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def _invocation(action: Action) -> str:
    """Returns how a flag or argument is written: ``-o, --output FILE``."""
    if not action.option_strings:
        written = _metavar(action)
        return written.strip("[]") if written.startswith("[") else written
    value = _metavar(action)
    return ", ".join(action.option_strings) + (f" {value}" if value else "")


def _metavar(action: Action) -> str:
    name = action.metavar if isinstance(action.metavar, str) else ""
    if not name and action.choices is not None:
        name = f"{{{','.join(map(str, action.choices))}}}"
    name = name or action.dest.upper()
    forms = {0: "", "?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} [{name} ...]"}
    return forms.get(action.nargs, name) if action.nargs is not None else name


def _wrapped(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
