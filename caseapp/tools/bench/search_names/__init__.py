"""The bench of search: names from a named source, fictional people made of them, and pg_trgm on the same names."""
