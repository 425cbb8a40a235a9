"""Services of the account room."""
