"""The conflict officers' index: names, spellings, numbers, birth years and a case id, and nothing else."""
