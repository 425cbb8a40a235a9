"""`Staff` under the name that pages use."""

from caseapp.accounts.keys import Staff

__all__ = ["Staff"]
