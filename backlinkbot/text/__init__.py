"""Untrusted or mistyped text: escaped for CSV and terminals, JSON read safely, spelling suggestions."""
