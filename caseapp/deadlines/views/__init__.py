"""Views of the deadlines room."""
