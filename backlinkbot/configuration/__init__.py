"""Reads ``backlinkbot.toml``: settings, tables for single commands, and profiles."""

from backlinkbot.configuration.configuration import NONE, Configuration, Configured, configuration_of, history_of

__all__ = ["NONE", "Configuration", "Configured", "configuration_of", "history_of"]
