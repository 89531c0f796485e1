"""HTML and other documents in, links and page facts out; nothing is fetched, nothing is stored."""
