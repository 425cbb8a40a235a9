"""Views of the clients room."""
