"""Questions that no rule can answer, as a message for the command line and a sentence for pages."""

from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.sentence import NumberValue, Sentence

FIRST_YEAR, LAST_YEAR = 1900, 2099


class Unanswerable(RuleError):
    """A question of a user that a rule cannot answer: the message for the command line, and the sentence for a page."""

    def __init__(self, message: str, sentence: Sentence) -> None:
        super().__init__(message)
        self.sentence = sentence


def outside_years(beginning: str) -> Unanswerable:
    """Return the refusal of a date for whose year no holidays are known; `beginning` of its message, for the log."""
    years = {"first": NumberValue(FIRST_YEAR), "last": NumberValue(LAST_YEAR)}
    return Unanswerable(f"{beginning} the years {FIRST_YEAR} to {LAST_YEAR}", Sentence("refused.outside_years", years))
