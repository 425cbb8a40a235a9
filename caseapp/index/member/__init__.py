"""The groups of a member as one: each case once, and the values that lists are filtered by."""
