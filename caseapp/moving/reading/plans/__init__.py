"""What each row of a file would create."""
