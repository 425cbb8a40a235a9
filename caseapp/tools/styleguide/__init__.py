"""Style guide: every component on one page, for developers and the accessibility test. Not in production."""
