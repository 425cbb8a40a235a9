"""The conflict check and its register."""
