"""Readers by file structure: tables, JSON, XML, Excel, logs, lists, archives."""
