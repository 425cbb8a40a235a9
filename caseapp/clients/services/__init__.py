"""Services of the clients room."""
