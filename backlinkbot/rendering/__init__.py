"""A browser for the pages that need one: it runs a page's scripts, and asks the web for nothing but through the crawler."""
