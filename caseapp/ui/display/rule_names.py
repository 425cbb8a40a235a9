"""Names and explanations of deadlines in the language of the page; a member's own text is not translated."""

from django.utils.translation import get_language

from caseapp import rules
from caseapp.rules import translate


def named(what: str) -> str:
    """Return the name of a deadline, stored as `what` in records and index, in the language of the page."""
    return rules.name_of(what, get_language() or "en")


def translated(text: str) -> str:
    """Return a text of the engine or a pack in the language of the page; an untranslated text stays English."""
    return translate.tell(text, get_language() or "en")


def translated_count(text: str) -> str:
    """Return a count in words in the language of the page."""
    return translate.tell_count(text, get_language() or "en")
