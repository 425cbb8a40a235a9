"""The one error of the rule engine."""

from caseapp.lib.errors import CaseappError


class RuleError(CaseappError):
    """A question the rules cannot answer as asked. The message is one clear line, fit to show; it names no person."""
