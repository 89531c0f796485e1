"""The table of options: how their values are read."""

from __future__ import annotations

import pytest

from backlinkbot.option_table import TABLE, defaults, yes_or_no


@pytest.mark.parametrize(
    ("text", "wanted"), [("no", False), ("NO", False), ("0", False), ("yes", True), ("true", True), ("maybe", "maybe")]
)
@pytest.mark.parametrize("name", [option.name for option in TABLE if option.read is yes_or_no])
def test_a_variable_of_the_environment_says_yes_or_no(name: str, text: str, *, wanted: object) -> None:
    option = next(option for option in TABLE if option.name == name)
    assert defaults({option.variable: text})[option.setting] == wanted
