"""Tests of reading imported files."""
