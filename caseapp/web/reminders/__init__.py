"""Pages of the room `reminders`."""
