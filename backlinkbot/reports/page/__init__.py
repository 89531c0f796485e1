"""The report as one HTML page: figures, charts, tables."""
