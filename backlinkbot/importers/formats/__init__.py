"""Formats by what their columns and fields mean: a table of tools and of what their exports hold."""
