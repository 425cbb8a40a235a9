"""Form fields for passphrases and words. They allow paste and password managers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

SECRET_ATTRS = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class PassphraseField(forms.CharField):
    """Passphrase field that keeps the text as typed: it trims only what the key derivation trims too."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={**SECRET_ATTRS, "autocomplete": autocomplete}, render_value=False)
        super().__init__(widget=widget, strip=False, max_length=500, **kwargs)


class SixWordsForm(forms.Form):
    """Form for the six words, typed back."""

    words = PassphraseField(
        label=_("Type the six words"),
        help_text=_("With a space between them. Small letters."),
        autocomplete="new-password",
        error_messages={"required": _("Type the six words you wrote down.")},
    )


def one_line(text: str) -> str:
    """Return the text with single spaces. Raises ValidationError without a letter or digit."""
    line = " ".join(text.split())
    if not any(character.isalnum() for character in line):
        raise ValidationError(_("Enter a name with letters."), code="required")
    return line
