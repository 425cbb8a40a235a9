"""Request handling shared by the features."""
