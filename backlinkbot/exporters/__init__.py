"""Rows to files: the feed exporters, where they are stored, and a check of outputs before a crawl."""
