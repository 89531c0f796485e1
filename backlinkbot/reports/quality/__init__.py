"""What there is to see of a bad link, or of a good one, with the evidence."""
