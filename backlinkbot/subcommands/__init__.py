"""The commands that answer from what is known already, one module each, with an ``add(commands)``."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"
"""What ``ArgumentParser.add_subparsers`` gives."""
