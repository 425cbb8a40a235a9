"""Joining, changing roles and leaving an office, and its lock-down."""
