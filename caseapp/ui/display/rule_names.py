"""Names and workings of deadlines in the language of the page; a person's own words as they are."""

from django.utils.translation import get_language

from caseapp import rules
from caseapp.rules import translate


def named(what: str) -> str:
    """`what` as records and the index keep it, in the language of the page."""
    return rules.name_of(what, get_language() or "en")


def translated(text: str) -> str:
    """What the engine or a pack says, in the language of the page; what nobody translated stays English."""
    return translate.tell(text, get_language() or "en")


def translated_count(text: str) -> str:
    """A count in words, in the language of the page."""
    return translate.tell_count(text, get_language() or "en")
