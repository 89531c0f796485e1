"""The Model Context Protocol server: a history, and live checks, as tools for assistants."""
