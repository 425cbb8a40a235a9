"""Entries of a case in the indexes: the group's row, and the names for conflict officers."""
