"""The spiders: ``discover`` crawls outward from seeds, ``verify`` checks a list, ``recheck`` revisits known pages."""
