"""Tests of the moving room."""
