"""Pages of the room `search`."""
