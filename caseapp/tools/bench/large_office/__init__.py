"""A fictional office of any size, sealed in bulk: for the benches, and by the command `caseapp fill-office`."""
