"""Forms of the intake room."""
