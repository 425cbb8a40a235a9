"""Upkeep: work that no page asked for, done in small budgets while a member with the keys is signed in."""
