"""Names and explanations of deadlines in the language of the page; a member's own text is not translated."""

from django.utils.translation import get_language

from caseapp import rules
from caseapp.rules.explain import translate


def translate_deadline_name(what: str) -> str:
    """Return the name of a deadline, stored as `what` in records and index, in the language of the page."""
    return rules.translate_rule_name(what, get_language() or "en")


def translate_rule_text(text: str) -> str:
    """Return a text of the engine or a pack in the language of the page; an untranslated text stays English."""
    return translate.translate_text(text, get_language() or "en")


def translate_count(text: str) -> str:
    """Return a count in words in the language of the page."""
    return translate.translate_count(text, get_language() or "en")
