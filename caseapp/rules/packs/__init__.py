"""The packs: TOML files with the rules of a country, how they are read, and their names in three languages."""
