"""The computation of one date from a rule and its events, with every step shown."""
