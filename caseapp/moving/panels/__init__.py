"""Texts of the moving room."""
