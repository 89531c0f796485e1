"""Where to look: ``discover`` from seeds outward, ``verify`` through a list."""
