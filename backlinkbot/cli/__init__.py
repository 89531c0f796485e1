"""The subcommands other than crawls, one module each, with a function ``add(commands)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from backlinkbot.cli.parser import Parser

Commands: TypeAlias = "_SubParsersAction[Parser]"
"""The type of ``ArgumentParser.add_subparsers()``."""
