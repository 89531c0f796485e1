"""``backlinkbot verify --spark``: visits the candidates on a Spark cluster."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.configuration import NONE
from backlinkbot.errors import UsageError
from backlinkbot.items import Backlink
from backlinkbot.items.columns import chosen, columns_of, words_of
from backlinkbot.option_table import OPTIONS, TABLE, is_given

if TYPE_CHECKING:
    from argparse import Namespace

    from backlinkbot.spark.visiting import Work

_OF_ONE_PROCESS: Final = ("unvisited", "max_time", "history", "fresh", "overlap", "visits", "summary", "headers")
"""Options that are about a crawl in one process, or its history; passwords are not handed to a cluster."""
_OF_THE_DRIVER: Final = ("spark", "candidates", "checks", "columns", "config", "profile", *_OF_ONE_PROCESS)


def run(arguments: Namespace, settings: dict[str, str]) -> int:
    """Visits the candidates in tasks of a Spark job, and writes datasets of rows and of checks; returns the exit status.

    Args:
        arguments: as parsed.
        settings: those of ``-s``, which win over those of the configuration file.

    Raises:
        UsageError: an option is wrong, or pyspark or Java is missing.
        OutputError: the job failed, or something cannot be written.
    """
    from backlinkbot.spark import datasets  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.spark.session import session  # noqa: PLC0415
    from backlinkbot.spark.visiting import Visiting  # noqa: PLC0415

    given = _given(arguments)
    settings = _configured_settings(arguments) | settings
    outputs = _outputs(arguments, given)
    columns = chosen(columns_of(Backlink), words_of(given.get("columns", "full")))
    work = _work(given, settings)
    with session(given["spark"], "backlinkbot verify", {"spark.speculation": "false"}) as spark:
        visiting = Visiting(spark, work, given["candidates"], outputs["-o"])
        failures = visiting.visit()
        rows = visiting.rows().select([column.name for column in columns])
        datasets.write(rows, outputs["-o"])
        if "--checks" in outputs:
            datasets.write(visiting.checks(), outputs["--checks"])
        unanswered = visiting.unanswered() if failures else 0
        _tell(visiting.states(), spark.read.parquet(datasets.location(outputs["-o"])).count(), unanswered)
    if failures:
        sys.stderr.writelines(f"backlinkbot: {failure}\n" for failure in failures[:5])
        sys.stderr.write(
            f"backlinkbot: repeat the command to visit what is left; {visiting.parts.name} holds the others\n"
        )
        return 1
    for name in visiting.remove():
        sys.stderr.write(f"{name} is no longer needed, and can be deleted\n")
    return 0


def _given(arguments: Namespace) -> dict[str, Any]:
    """Returns option -> value as on the command line, else as in the environment, else as in the configuration file.

    Raises:
        UsageError: an option has no meaning on a cluster.
    """
    given: dict[str, Any] = {}
    configured = arguments.configuration.options("verify")
    for option in OPTIONS:
        if "verify" not in option.spiders or not option.has_flag:
            continue
        value = getattr(arguments, option.name, None)
        value = None if value == [] else value
        if value and option.name in _OF_ONE_PROCESS:
            raise UsageError(f"{option.flag} has no meaning with --spark (docs/spark.md)")
        if value is None:
            value = os.environ.get(option.variable)
        if value is None and option.name in configured:
            value = configured[option.name].value
        if value is not None:
            given[option.name] = value
    if arguments.append:
        raise UsageError("--append has no meaning with --spark (docs/spark.md)")
    return given


def _configured_settings(arguments: Namespace) -> dict[str, str]:
    """Returns setting -> value of what the configuration file says of options without a flag."""
    found = arguments.configuration.options("verify")
    silent = {option.name: option for option in TABLE if not option.has_flag and not is_given(option, os.environ)}
    return {silent[name].setting: str(one.value) for name, one in found.items() if name in silent}


def _outputs(arguments: Namespace, given: dict[str, Any]) -> dict[str, str]:
    """Returns flag -> dataset, after it is known that it can be written."""
    from backlinkbot.spark.datasets import check_replaceable  # noqa: PLC0415 - as above

    if len(arguments.output) != 1 or arguments.output[0] == "-":
        raise UsageError("--spark writes a dataset: name its folder, -o FOLDER, once")
    outputs = {"-o": str(arguments.output[0])} | ({"--checks": given["checks"]} if given.get("checks") else {})
    if len(set(outputs.values())) < len(outputs):
        raise UsageError(f"--checks {given['checks']}: rows and checks need a folder each")
    for flag, name in outputs.items():
        check_replaceable(name, flag)
    return outputs


def _work(given: dict[str, Any], settings: dict[str, str]) -> Work:
    """Returns what tasks are told: the spider's arguments without files of this machine.

    Raises:
        UsageError: an option is wrong, or there is no candidate.
    """
    from scrapy.crawler import Crawler  # noqa: PLC0415 - Scrapy is slow to import

    from backlinkbot import run as runs  # noqa: PLC0415
    from backlinkbot.options import named_targets, split_list  # noqa: PLC0415
    from backlinkbot.spark.visiting import Work  # noqa: PLC0415

    for name in ("targets", "aliases", "candidates"):
        value = given.get(name) or []
        given[name] = split_list(value) if isinstance(value, str) else list(value)
    arguments = {name: value for name, value in given.items() if name not in _OF_THE_DRIVER}
    arguments["config"] = NONE  # what the file says is among the arguments
    names, aliases = named_targets(given["targets"], given["aliases"])
    arguments["targets"] = names
    arguments["aliases"] = [f"{alias}={name}" for name, others in aliases.items() for alias in others]
    all_settings = runs.project_settings()
    for name, value in settings.items():
        all_settings.set(name, value, priority="cmdline")
    checked = arguments | {"candidates": given["candidates"], "history": "", "spark": ""}
    runs.check(Crawler(runs.spider_class("verify"), all_settings), checked)
    return Work(arguments=arguments, settings=dict(settings))


def _tell(states: dict[str, int], rows: int, unanswered: int) -> None:
    """Says on standard error what became of the candidates."""
    by_number = sorted(states.items(), key=lambda one: (-one[1], one[0]))
    said = ", ".join(f"{number:,} {state}" for state, number in by_number)
    left = f", {unanswered:,} without an answer" if unanswered else ""
    sys.stderr.write(f"{sum(states.values()):,} candidates: {said}{left}; {rows:,} rows\n")
