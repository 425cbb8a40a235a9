"""Parts of a row of the index."""
