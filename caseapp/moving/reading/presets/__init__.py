"""Presets: for each product and list, which headings go into which of our fields."""
