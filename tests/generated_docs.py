"""Writes the parts of the documents that follow from the schema: ``python -m tests.generated_docs``; a test compares them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from pathlib import Path

from backlinkbot.history.views import VIEWS, View
from backlinkbot.items import Backlink, Check
from backlinkbot.items.columns import Column, columns_of
from backlinkbot.option_table import TABLE, Option, OptionGroup
from backlinkbot.reports.todo.tasks import Task

ROWS = Path("docs/rows.md")
MODULES = Path("docs/modules.md")
SETTINGS = Path("docs/settings.md")
HISTORY_SCHEMA = Path("docs/history-schema.md")
TODO = Path("docs/todo.md")


@cache
def parsed(path: Path) -> ast.Module:
    """The tree of a module, for all who look at it; none of them may change it."""
    return ast.parse(path.read_text(encoding="utf-8"))


def table(header: str, lines: Iterable[str]) -> str:
    """A Markdown table; ``header`` with its bars."""
    return "\n".join([header, "|---" * (header.count("|") - 1) + "|", *lines])


def overview(columns: Iterable[Column]) -> str:
    """The columns by what they tell, those of ``essential`` in bold."""
    parts = []
    for group, members in groupby(columns, key=lambda column: column.group):
        lines = (
            f"| {'**' if column.is_essential else ''}[`{column.name}`](#{column.name}){'**' if column.is_essential else ''} "
            f"| {column.kind} | {column.meaning} |"
            for column in members
        )
        parts.append(f"**{group.value[0].upper()}{group.value[1:]}**\n\n{table('| column | type | meaning |', lines)}")
    return "\n\n".join(parts)


def between(text: str, name: str, content: str) -> str:
    """The text with the content between the marks of that name."""
    begin, end = f"<!-- {name}: written by tests/generated_docs.py -->", f"<!-- end of {name} -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    assert found, name
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"


def rows_document(text: str) -> str:
    """``docs/rows.md`` with its tables and first lines as the schema says."""
    text = between(text, "columns", overview(columns_of(Backlink)))
    checks = (f"| `{column.name}` | {column.kind} | {column.meaning} |" for column in columns_of(Check))
    text = between(text, "checks", table("| column | type | meaning |", checks))
    for column in columns_of(Backlink):
        example = f"`{column.example}`" if column.example else "empty"
        line = f"*{column.kind}* · empty: {column.empty} · example: {example}"
        heading = re.escape(f"### `{column.name}`\n\n")
        text = re.sub(rf"({heading}).*", lambda found, line=line: found[1] + line, text)  # type: ignore[misc]
    return text


def view(described: View) -> str:
    """A view with its columns."""
    lines = (
        f"| `{column.name}` | {column.kind} | {column.meaning}{' May be NULL.' if column.may_lack else ''} |"
        for column in described.columns
    )
    return f"### `{described.name}`\n\nOne row is {described.row}.\n\n{table('| column | type | meaning |', lines)}"


def history_schema_document(text: str) -> str:
    """``docs/history-schema.md`` with the published views."""
    return between(text, "views", "\n\n".join(map(view, VIEWS)))


def default_of(option: Option) -> str:
    """A default as the table writes it."""
    if option.default is None:  # the only one
        return "the user's own cache folder"
    if option.default in ((), ""):
        return "none"
    return f"`{str(option.default).lower() if isinstance(option.default, bool) else option.default}`"


def setting_line(option: Option) -> str:
    """An option's row in the table of its group."""
    flag = "the words of the command" if option.name == "targets" else f"`{option.flag}`"
    names = f"{flag} | `{option.name}`" if option.has_flag else " | "
    own = "" if option.variable == option.setting else f"; the environment variable is `{option.variable}`"
    return f"| `{option.setting}` | {default_of(option)} | {names} | {option.meaning}{own} |"


def settings_document(text: str) -> str:
    """``docs/settings.md`` with the table of each group of options."""
    for group in OptionGroup:
        lines = (setting_line(option) for option in TABLE if option.group is group)
        text = between(text, group.value, table("| setting | default | flag | argument | meaning |", lines))
    return text


def todo_document(text: str) -> str:
    """``docs/todo.md`` with the columns of a task."""
    lines = (f"| `{column.name}` | {column.kind} | {column.meaning} |" for column in columns_of(Task))
    return between(text, "todo", table("| column | type | meaning |", lines))


def modules_document() -> str:
    """``docs/modules.md``: every module with the first sentence of its docstring."""
    lines = []
    for path in sorted(Path("backlinkbot").rglob("*.py")):
        docstring = ast.get_docstring(parsed(path.resolve())) or ""
        sentence = " ".join(docstring.partition("\n\n")[0].split())
        sentence = re.sub(r":\w+:`~?([^`]*)`", r"`\1`", sentence).replace("``", "`").replace("|", r"\|")
        sentence = re.sub(
            r"<(\w+)", r"&lt;\1", re.sub(r"`[^`]*`", lambda code: code[0].replace("<", "\0"), sentence)
        ).replace("\0", "<")
        lines.append(f"| `{path.as_posix()}` | {sentence} |")
    return f"# Modules\n\nWritten by `python -m tests.generated_docs`.\n\n{table('| module | its one job |', lines)}\n"


if __name__ == "__main__":
    MODULES.write_text(modules_document(), encoding="utf-8")
    HISTORY_SCHEMA.write_text(history_schema_document(HISTORY_SCHEMA.read_text(encoding="utf-8")), encoding="utf-8")
    SETTINGS.write_text(settings_document(SETTINGS.read_text(encoding="utf-8")), encoding="utf-8")
    TODO.write_text(todo_document(TODO.read_text(encoding="utf-8")), encoding="utf-8")
    ROWS.write_text(rows_document(ROWS.read_text(encoding="utf-8")), encoding="utf-8")
