"""Scrapy commands of the project; ``crawl`` takes the place of Scrapy's own."""
