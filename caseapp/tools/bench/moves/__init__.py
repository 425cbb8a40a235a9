"""Benches of moving in and out: an import that is killed, and an office that is exported and imported again."""
