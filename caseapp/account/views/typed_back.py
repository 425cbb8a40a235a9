"""Six words or a recovery code that a page showed once, and that are typed back before they count."""

from django import forms
from django.utils.translation import gettext as _

from caseapp.accounts.keys import bundles
from caseapp.accounts.keys.word_list import normalize_passphrase
from caseapp.accounts.signin import passphrase
from caseapp.ui.forms.secret_fields import SixWordsForm
from caseapp.ui.forms.shown_proof import matches_proof, proof_of
from caseapp.vault.errors import OpenFailed


def propose_words(purpose: str) -> tuple[list[str], str]:
    """Return six new words to show once, and the proof that travels with the form in their place."""
    words = passphrase.propose_passphrase()
    return words.split(), proof_of(words, purpose=purpose)


def code_proof(code: str, purpose: str) -> str:
    """Return the proof that travels with the form in place of a recovery code."""
    return proof_of(bundles.normalize_recovery_code(code), purpose=purpose)


def read_typed_words(form: SixWordsForm, proof: str, *, purpose: str) -> str:
    """Return the words of a valid form if they are those shown; else add an error and return an empty string."""
    words = normalize_passphrase(form.cleaned_data["words"]).lower()
    if matches_proof(words, proof, purpose=purpose):
        return words
    form.add_error("words", _("These are not the six words. Check what you wrote down and type them again."))
    return ""


def read_typed_code(form: forms.Form, proof: str, *, purpose: str) -> str:
    """Return the code of a valid form, as printed, if it is the one shown; else add an error and return ""."""
    try:
        code = bundles.normalize_recovery_code(form.cleaned_data["typed"])
    except OpenFailed:
        code = ""
    if code and matches_proof(code, proof, purpose=purpose):
        return code
    form.add_error("typed", _("That is not the code on the sheet. Check each group and type it again."))
    return ""
