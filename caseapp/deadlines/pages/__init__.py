"""Pages of the deadlines room as finished values."""
