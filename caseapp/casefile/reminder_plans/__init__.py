"""Which members are reminded of a date of a case, and on which days."""
