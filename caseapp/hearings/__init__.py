"""Hearings of a case: booking, correcting, recording the outcome."""
