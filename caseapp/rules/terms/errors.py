"""Error type of the rule engine."""

from caseapp.lib.errors import CaseappError


class RuleError(CaseappError):
    """A question the rules cannot answer. The message is one line, fit to show to users; it names no person."""
