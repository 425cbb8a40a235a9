"""The chain of a group's keys, and the rules that say whose signature counts."""
