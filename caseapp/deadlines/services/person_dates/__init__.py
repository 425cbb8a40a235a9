"""Dates of a person that run clocks: a birth, the last arrival, an expiration, a grant. Each is kept once."""
