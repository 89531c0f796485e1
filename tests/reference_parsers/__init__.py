"""Other HTML parsers, which judge in tests what the product reads."""

from __future__ import annotations

from typing import Final

from backlinkbot.extract.html import Document, Parser
from tests.reference_parsers import lexbor

PARSERS: Final[dict[str, Parser]] = {"turbohtml": Document, "lexbor": lexbor.parse}
"""The product's parser and the judge, which most tests of extraction run with."""
