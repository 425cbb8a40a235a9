"""The guide: what a member does on the first day, at a hearing, with a notice, after an arrest."""
