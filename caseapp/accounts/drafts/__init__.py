"""Text that a member typed and did not save: encrypted, found again by its member alone."""
