"""The sentence of a refusal in the language of the page."""

from django.utils.translation import gettext as _

from caseapp.lib.errors import Refused, fill_sentence


def translate_refusal(refused: Refused) -> str:
    """Return the sentence of a refusal, translated, with its values."""
    return fill_sentence(_(refused.template), refused.values)
