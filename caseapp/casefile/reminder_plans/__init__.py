"""Plans of who is reminded of a date of a case, and on which days."""
