"""Services of the moving room."""
