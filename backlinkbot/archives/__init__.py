"""Reads web archives: the records of WARC, WAT and WACZ files, and the links to targets in them."""
