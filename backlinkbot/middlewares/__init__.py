"""Downloader and spider middlewares: address guard, robots.txt, redirects, page budget, rendering."""
