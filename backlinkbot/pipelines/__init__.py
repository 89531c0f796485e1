"""What was found: a page's links become judged backlinks, one step at a time; ``settings.py`` has their order."""
