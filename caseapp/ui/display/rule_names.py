"""Names of deadlines, full and short, in the language of the page; a member's own text is not translated."""

from django.utils.translation import get_language

from caseapp import rules


def translate_deadline_name(what: str) -> str:
    """Return the name of a deadline, stored as `what` in records and index, in the language of the page."""
    return rules.translate_rule_name(what, get_language() or "en")


def short_deadline_name(what: str) -> str:
    """Return the short name of a deadline for a list; the page of the deadline has the full one."""
    return rules.short_rule_name(what, get_language() or "en")
