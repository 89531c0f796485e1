"""Readers of files by their form: tables, JSON, XML, Excel, logs, lists, archives."""
