"""Reading and writing files: atomic writes, row files, JSON streams, checks of input files."""
