"""Pages of the room `deadlines`."""
