"""Files that are encrypted while they arrive."""
