"""Views of the cases room."""
