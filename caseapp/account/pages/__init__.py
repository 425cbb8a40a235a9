"""View models of the account room."""
