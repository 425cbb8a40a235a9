"""Every component on one page, for people who build pages and for the accessibility test. Not in production."""
