"""Search over the cases that a member can open."""
