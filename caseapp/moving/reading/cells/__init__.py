"""Readers of single cells: dates, names, numbers and words."""
