"""The office's signed directory, its groups, their rosters, and the grants that deliver keys."""
