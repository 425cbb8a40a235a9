"""Names of deadlines as people read them: a rule's in the language of the page, a person's own words as they are."""

from django.utils.translation import get_language

from caseapp import rules


def named(what: str) -> str:
    """`what` as records and the index keep it, in the language of the page."""
    return rules.name_of(what, get_language() or "en")
