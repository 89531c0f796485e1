"""Feed exporters and storages for rows, and a check of outputs before a crawl."""
