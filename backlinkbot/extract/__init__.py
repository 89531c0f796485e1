"""Extracts links and page facts from HTML and other documents; fetches and stores nothing."""
