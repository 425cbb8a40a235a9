"""Services of the hearings room."""
