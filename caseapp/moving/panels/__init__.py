"""Lines and texts of the moving room."""
