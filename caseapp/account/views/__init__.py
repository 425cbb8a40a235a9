"""Views of the account room."""
