"""Kept lists: always the same as lists made from nothing."""
