"""Renders pages in a browser whose requests all go through the crawler."""
