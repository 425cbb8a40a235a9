"""Panels of the clients room for pages of other rooms."""
