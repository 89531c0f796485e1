"""Imports candidate files of many formats, by one table of formats."""

from backlinkbot.importers.formats.generic import URL_COLUMNS
from backlinkbot.importers.outcomes import BadRow, Fault, FileReport
from backlinkbot.importers.reading import Reading, is_page_url, read_candidates, towards

__all__ = ["URL_COLUMNS", "BadRow", "Fault", "FileReport", "Reading", "is_page_url", "read_candidates", "towards"]
