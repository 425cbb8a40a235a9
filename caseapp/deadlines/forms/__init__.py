"""Forms of the deadlines room."""
