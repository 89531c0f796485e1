"""The local page over a history: read-only, for a browser on the same machine."""
