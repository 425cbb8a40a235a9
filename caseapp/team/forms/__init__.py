"""Part of the room above."""
