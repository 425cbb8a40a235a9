"""View models of the cases room."""
