"""Services of the cases room."""
