"""The offices of one server: their list, a further one, and the removal of one with a certificate."""
