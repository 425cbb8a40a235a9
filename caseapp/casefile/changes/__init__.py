"""Changes of a case seen from outside: what an unsaved one would do, and what the saved ones of 30 days did."""
