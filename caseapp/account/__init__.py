"""Coming in and going out: first run, sign-in, lock, unlock, what a person sets for themselves."""
