"""The report as one page of HTML: figures, charts, tables."""
