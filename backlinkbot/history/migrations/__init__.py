"""The numbered migrations from an empty database to the newest tables, each tested with data."""
