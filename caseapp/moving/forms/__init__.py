"""Forms of the moving room."""
