"""Upkeep of deadlines: the daily consistency check, and the jobs that today runs."""
