"""Forms of the team room."""
