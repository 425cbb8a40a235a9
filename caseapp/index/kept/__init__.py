"""Ordered lists of what rows contain, kept while rows change."""
