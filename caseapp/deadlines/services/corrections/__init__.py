"""Corrections of an entry: what followed from it follows the correction, and what was done stays done."""
