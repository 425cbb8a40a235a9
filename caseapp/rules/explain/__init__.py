"""Accounts of a computation: as a table, as text, as JSON, and against a later law."""
