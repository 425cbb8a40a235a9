"""Forms of the account room."""
