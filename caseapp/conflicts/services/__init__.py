"""Services of the conflicts room."""
