"""Account pages: first run, sign-in, lock, unlock, and the settings of a member."""
