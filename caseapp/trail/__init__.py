"""Audit trail pages: the office's trail and the trail of one case."""
