"""The table of import formats: the columns and fields of each tool's exports."""
