"""Pages of the room `today`."""
