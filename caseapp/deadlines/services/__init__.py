"""Services of the deadlines room."""
