"""Intake: screening, decisions and the waiting list."""
