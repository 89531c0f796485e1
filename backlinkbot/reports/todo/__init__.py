"""What to do: the ordered list of tasks that improve a profile of backlinks."""
