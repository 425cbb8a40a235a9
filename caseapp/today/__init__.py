"""Today: the first page of the day."""
