"""Lookups in one group's index in memory: names by spelling and sound, and the dated items of its agenda."""
