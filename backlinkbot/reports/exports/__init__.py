"""Exports: rows, counted and grouped, as files for other programs."""
