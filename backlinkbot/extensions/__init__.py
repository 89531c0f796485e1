"""Scrapy extensions: progress, the outcome of a run, and a filter of response types."""
