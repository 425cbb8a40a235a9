"""Comparison of a case with what else knows its newest state, and findings for supervisors and admins."""
