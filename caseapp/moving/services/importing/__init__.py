"""An import: its sealed state, the steps that check and save its rows, and its undo."""
