"""Likeness of two people: a score, with the reasons for and against as codes and values. Pure, without Django."""

from caseapp.index.likeness.compare import ASK_FROM, Likeness, Reason, compare
from caseapp.index.likeness.identity import Identity, identity_of

__all__ = ["ASK_FROM", "Identity", "Likeness", "Reason", "compare", "identity_of"]
