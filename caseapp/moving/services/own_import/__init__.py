"""Import of an archive that Caseapp exported, from this or another office."""
