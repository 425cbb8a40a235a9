"""Tests of search and of the palette."""
