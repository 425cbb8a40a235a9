"""Log lines: the events that may be written, in every process."""
