"""One module for each migration; a released migration is never changed."""
