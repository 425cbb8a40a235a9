"""Panels of the deadlines room, shown on pages of other rooms."""
