"""Services of the team room."""
