"""Compact columns of a group's index in memory: each case has a slot, a small number, in all of them."""
