"""Recovery of lost access, by shares of the office's recovery key."""
