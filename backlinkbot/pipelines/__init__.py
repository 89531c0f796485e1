"""Item pipelines that turn a page's links into judged backlinks, step by step; ``settings.py`` has their order."""
