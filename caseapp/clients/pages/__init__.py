"""View models of the clients room."""
