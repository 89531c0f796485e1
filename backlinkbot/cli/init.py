"""``backlinkbot init``: asks five questions, and writes ``backlinkbot.toml``."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.configuration.configuration import FILE_NAME
from backlinkbot.errors import BacklinkbotError, OutputError, UsageError
from backlinkbot.targets import Targets

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence

    from backlinkbot.cli.parser import Commands

CRON: Final = {"daily": "0 5 * * *", "weekly": "0 5 * * 1", "monthly": "0 5 1 * *", "never": ""}
"""Answer to "how often" -> when cron runs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, and the flag that answers it."""

    flag: str
    text: str
    read: Callable[[str], Any]
    """Returns the answer; raises UsageError for a wrong one."""
    default: Callable[[dict[str, Any]], str] = lambda _answers: ""
    """Returns the answer for an empty line, from the answers before it."""


def _targets(text: str) -> list[str]:
    names = text.split()
    if not names:
        raise UsageError("name a domain: example.com")
    Targets.parse(names)
    return names


def _others(text: str) -> dict[str, list[str]]:
    """Returns competitors, which are domains, and seeds, which are URLs or files."""
    words = text.split()
    seeds = [word for word in words if "://" in word or word.startswith("@")]
    competitors = [word for word in words if word not in seeds]
    if competitors:
        Targets.parse(competitors)
    return {"competitors": competitors, "seeds": seeds}


def _contact(text: str) -> str:
    if text and "://" not in text and "@" not in text:
        raise UsageError(f"{text}: write a URL (https://example.com/bot) or an address (you@example.com)")
    return text


def _often(text: str) -> str:
    if text not in CRON:
        raise UsageError(f"{text}: write one of {', '.join(CRON)}")
    return text


def _own_page(answers: dict[str, Any]) -> str:
    return f"https://{next(iter(Targets.parse(answers['targets'][:1]))).places[0].host}/"


QUESTIONS: Final = {
    "targets": Question(flag="--target", text="Links to which domain are looked for?", read=_targets),
    "others": Question(
        flag="--other",
        text="Competitors (other.example), and pages to start from (https://blog.example/), separated by spaces?",
        read=_others,
    ),
    "contact": Question(
        flag="--contact",
        text="Where can the owner of a visited site reach you? A URL or a mail address, sent to every site",
        read=_contact,
        default=_own_page,
    ),
    "history": Question(
        flag="--history",
        text="Where are visits remembered? A file, or postgresql://USER@HOST/DATABASE",
        read=str,
        default=lambda _answers: "backlinks.db",
    ),
    "every": Question(
        flag="--every",
        text=f"How often are known pages visited again? {', '.join(CRON)}",
        read=_often,
        default=lambda _answers: "weekly",
    ),
}


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "init",
        help="ask five questions and write backlinkbot.toml",
        epilog="exit status: 0 done, 1 not written, 2 usage, or the file is there already",
    )
    parser.add_argument("--target", metavar="TARGET", nargs="+", help="your domain, written as a target of discover")
    parser.add_argument(
        "--other", metavar="NAME|URL", nargs="*", help="competitors' domains, and URLs of pages to start from"
    )
    parser.add_argument("--contact", metavar="URL", help="where the owner of a visited site can reach you")
    parser.add_argument("--history", metavar="URL", help="file or database of the history; default backlinks.db")
    parser.add_argument("--every", choices=tuple(CRON), help="how often known pages are visited; default weekly")
    parser.add_argument("-o", "--output", metavar="FILE", default=FILE_NAME, help=f"default {FILE_NAME}")
    parser.add_argument("--force", action="store_true", help="replace a file that is there already")
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Asks what no flag answers, on a terminal, and writes the file; returns the exit status.

    Raises:
        UsageError: an answer is wrong, the domain is missing, or the file is there already.
        OutputError: the file cannot be written.
    """
    path = Path(arguments.output)
    if path.exists() and not arguments.force:
        raise UsageError(f"{path} is there already; --force replaces it, -o FILE writes another")
    given = {
        "targets": _joined(arguments.target),
        "others": _joined(arguments.other),
        "contact": arguments.contact,
        "history": arguments.history,
        "every": arguments.every,
    }
    text = document(_answers(given, is_asked=sys.stdin is not None and sys.stdin.isatty()))
    _write(path, text, is_new=not arguments.force)
    sys.stdout.write(f"{path} is written. Next: backlinkbot discover{_chosen(path)}\n")
    return 0


def _joined(words: Sequence[str] | None) -> str | None:
    return None if words is None else " ".join(words)


def _answers(given: dict[str, str | None], *, is_asked: bool) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for name, question in QUESTIONS.items():
        text = given[name]
        if text is not None:
            answers[name] = _flag(question, text)
        elif is_asked:
            answers[name] = _asked(question, question.default(answers))
        elif name == "targets":
            raise UsageError("standard input is no terminal, so nothing is asked; give at least --target DOMAIN")
        else:
            answers[name] = _flag(question, question.default(answers))
    return answers


def _flag(question: Question, text: str) -> Any:
    try:
        return question.read(text)
    except BacklinkbotError as error:
        raise UsageError(f"{question.flag}: {error}") from error


def _asked(question: Question, default: str) -> Any:
    """Asks until the answer is a right one."""
    while True:
        try:
            text = input(f"{question.text}{f' [{default}]' if default else ''}\n> ")
            return question.read(text.strip() or default)
        except EOFError:
            raise UsageError(f"no answer; {question.flag} answers it, too") from None
        except BacklinkbotError as error:
            sys.stdout.write(f"{error}\n")


def _write(path: Path, text: str, *, is_new: bool) -> None:
    from backlinkbot.files.atomic import whole_file  # noqa: PLC0415 - imported when it is needed

    try:
        if is_new:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            return
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from error
    with whole_file(path) as part:
        part.write(text.encode())


def _chosen(path: Path) -> str:
    return "" if path == Path(FILE_NAME) else f" --config {shlex.quote(str(path))}"


_TEMPLATE: Final = """\
# Options of backlinkbot, read by every command in this folder. `backlinkbot config` shows what holds;
# docs/configuration.md says what else may stand here.

# Links to these are looked for.
{targets}
# Where the owner of a visited site can reach you: part of the user agent.
{contact}
# Where visits are remembered, for changes, recheck and reports.
{history}
# Seconds between requests to one domain, and which pages a browser renders: never, auto, always.
# delay = 1.0
# render = "auto"

[discover]
# Where the crawl starts. Without seeds, services are asked that know links to the targets.
{seeds}max-pages = 10000
output = "backlinks.csv"

[verify]
# Pages believed to link: an export of another tool, a list, a log.
# candidates = ["export.csv"]
checks = "checks.csv"
output = "verified.csv"

[recheck]
# Pages that are visited again in one run, the most urgent first.
budget = 1000
checks = "rechecked.csv"
output = "recheck.csv"
{cron}
# backlinkbot gap {target}: who links to these, and not to you?
[gap]
{against}"""


def document(answers: dict[str, Any]) -> str:
    """Returns the file, with comments, of the answers to the questions."""
    seeds, competitors = answers["others"]["seeds"], answers["others"]["competitors"]
    return _TEMPLATE.format(
        targets=_line("targets", answers["targets"]),
        contact=_line("contact", answers["contact"], is_used=bool(answers["contact"])),
        history=_line("history", answers["history"]),
        seeds=_line("seeds", seeds or ["https://blog.example/"], is_used=bool(seeds)),
        cron=_cron(answers["every"]),
        target=shlex.quote(answers["targets"][0]),
        against=_line("against", competitors or ["competitor.example"], is_used=bool(competitors)),
    )


def _cron(every: str) -> str:
    """Returns what cron runs, as a comment."""
    if not CRON[every]:
        return ""
    command = f"cd {shlex.quote(str(Path.cwd()))} && backlinkbot recheck --quiet && backlinkbot changes"
    return f"# {every.capitalize()}, by cron (docs/how-to/weekly-changes.md):\n# {CRON[every]} {command}\n"


def _line(key: str, value: str | list[str], *, is_used: bool = True) -> str:
    """Returns a line of TOML, behind ``#`` where it is an example only."""
    return f"{'' if is_used else '# '}{key} = {json.dumps(value, ensure_ascii=False)}\n"
