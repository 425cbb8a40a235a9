"""Formats of what lies outside database and storage: files of a backup, lines of the journal of destructions."""
