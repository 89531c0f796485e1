"""Which referrers a disavow file names, why, and whether one is needed."""
