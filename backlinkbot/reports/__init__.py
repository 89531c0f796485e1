"""Reports: tables, exported files and HTML pages made from rows."""
