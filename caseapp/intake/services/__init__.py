"""Services of the intake room."""
