"""View models of the moving room."""
