"""Disavow files: which referrers they list, why, and whether one is needed."""
