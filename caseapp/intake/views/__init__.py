"""Views of the intake room."""
