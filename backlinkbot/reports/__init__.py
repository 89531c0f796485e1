"""Answers out: what the rows say, as tables, files and pages that people read."""
