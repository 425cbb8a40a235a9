"""Display values and template tags shared by the features."""
