"""Kept for one member alone: text typed and not saved, forms that were saved (none twice), and saved views of lists."""
