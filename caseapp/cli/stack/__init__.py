"""Data folder, database, embedded servers and supervisor of an installation."""
