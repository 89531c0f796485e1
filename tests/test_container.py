"""The container's build file and the release workflow name only what is there, and run nothing as root."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # of the tools that the tests have anyway

ROOT = Path(__file__).parents[1]
STEPS = [
    line.partition(" ")[::2]
    for line in re.sub(r"\\\n", " ", (ROOT / "Containerfile").read_text()).splitlines()
    if line and not line.startswith("#")
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LEFT_OUT = {"spark", "pandas", "mcp"}
"""Extras that the image has not: a cluster brings its own Spark, pandas belongs to programs that call the package, and an
assistant starts the server on its own machine."""


def stages() -> dict[str, list[tuple[str, str]]]:
    """Each stage's instructions, those of the stage that it begins from first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for instruction, words in STEPS:
        if instruction == "FROM":
            base, _, name = words.partition(" AS ")
            found[name] = list(found.get(base, []))
        else:
            next(reversed(found.values())).append((instruction, words))
    return found


def copied() -> list[str]:
    here = [words.split() for instruction, words in STEPS if instruction == "COPY" and not words.startswith("--from")]
    return [source for words in here for source in words[:-1]]


def test_the_image_has_a_stage_with_a_browser_and_one_without() -> None:
    assert {"build", "plain", "browser"} == stages().keys()


@pytest.mark.parametrize("stage", ["plain", "browser"])
def test_what_runs_is_not_root_and_is_the_command(stage: str) -> None:
    last = dict(stages()[stage])
    assert last["USER"] == "10001"
    assert last["ENTRYPOINT"] == '["backlinkbot"]'
    assert "backlinkbot" in PROJECT["scripts"]


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_exists_and_is_sent_to_the_builder(source: str) -> None:
    assert (ROOT / source).exists()
    allowed = (ROOT / ".containerignore").read_text().split()
    assert f"!{source.partition('/')[0]}" in allowed


def test_the_image_is_locked_with_every_extra_that_it_should_have() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / "container.lock").read_text(), re.MULTILINE))
    for extra, needs in PROJECT["optional-dependencies"].items():
        names = {re.split(r"[\[<>=;@ ]", need)[0].lower().replace("_", "-") for need in needs}
        assert (names <= locked) == (extra not in LEFT_OUT), extra


def test_a_release_is_tested_and_built_before_it_is_published() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())["jobs"]
    assert jobs["test"]["steps"][-1]["run"] == ".ci/run"
    assert (jobs["build"]["needs"], jobs["publish"]["needs"]) == ("test", "build")
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert any("attest-build-provenance" in step.get("uses", "") for step in jobs["build"]["steps"])
