"""Forms of the cases room."""
