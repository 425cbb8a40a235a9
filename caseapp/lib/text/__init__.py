"""Text that people type or send: digits, telephone numbers, words of a search, replies to a message."""
