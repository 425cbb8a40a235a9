"""The bench of conflict checks, with its people and the server of its peer."""
