"""Imports candidate files of many formats, by one table of formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlinkbot.importers.outcomes import BadRow, Fault, FileReport

if TYPE_CHECKING:
    from backlinkbot.importers.formats.generic import URL_COLUMNS
    from backlinkbot.importers.reading import Reading, is_page_url, read_candidates, towards

__all__ = ["URL_COLUMNS", "BadRow", "Fault", "FileReport", "Reading", "is_page_url", "read_candidates", "towards"]


def __getattr__(name: str) -> Any:
    """Imports the readers of all formats when one is used for the first time: most crawls begin at seeds, and read no file."""
    if name == "URL_COLUMNS":
        from backlinkbot.importers.formats import generic  # noqa: PLC0415 - as the docstring says

        return generic.URL_COLUMNS
    if name not in {"Reading", "is_page_url", "read_candidates", "towards"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from backlinkbot.importers import reading  # noqa: PLC0415 - as above

    return getattr(reading, name)
