"""Caseapp: the sealed case tracker for those who defend people facing removal."""
