"""Who opened what: the office's trail, and a case's own."""
