"""Deadlines of a case: computed from rules or set by hand, and the asylum clock."""
