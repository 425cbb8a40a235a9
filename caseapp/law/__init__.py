"""Pages of the room `rules`: the law the office counts with, and what happens when it changes."""
