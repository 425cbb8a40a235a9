"""Plans: the records that each row of a file would create."""
