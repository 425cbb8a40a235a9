"""Export: a client's whole file and the office, as archives that are made while they are sent."""
