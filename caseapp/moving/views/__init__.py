"""Views of the moving room."""
