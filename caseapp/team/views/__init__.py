"""Views of the team room."""
