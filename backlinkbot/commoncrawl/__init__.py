"""Reads what Common Crawl publishes: the graph of which domains link to which."""
