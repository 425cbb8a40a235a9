"""Form fields and form handling shared by the features."""
