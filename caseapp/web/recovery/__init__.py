"""Pages of the office's recovery, and of whoever comes back through it."""
