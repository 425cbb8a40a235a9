"""The sentence of a refusal in the language of the page."""

from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.lib.errors import Refused, fill_sentence
from caseapp.ui.display.law_texts import explain_refusal


def translate_refusal(refused: Refused) -> str:
    """Return the sentence of a refusal, translated, with its values; the engine's own for what no rule can answer."""
    if isinstance(refused.__cause__, rules.Unanswerable):
        return explain_refusal(refused.__cause__)
    return fill_sentence(_(refused.template), refused.values)
