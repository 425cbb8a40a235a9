"""Forms of the recovery of a lost account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from caseapp.account.forms.sign_in import OfficeCodeForm
from caseapp.ui.forms.secret_fields import SECRET_ATTRS, PassphraseField

ANSWER_LIMIT = 800_000  # characters in an answer file


class LostAccessForm(OfficeCodeForm):
    """Form for the e-mail address of the lost account."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "username", **SECRET_ATTRS}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address, for example ana@example.org."),
        },
    )


class NewWordsForm(forms.Form):
    """Form that asks for the six new words before the recovery goes on."""

    words = PassphraseField(
        label=_("Your six new words"),
        autocomplete="current-password",
        error_messages={"required": _("Type the six words you wrote down.")},
    )


class FinishRecoveryForm(NewWordsForm):
    """Form for the holders' answer file, and the words and the code that prove it is the right one."""

    answer = forms.CharField(
        label=_("The answer file"),
        help_text=_("Open it in a text editor, copy everything and paste it here."),
        max_length=ANSWER_LIMIT,
        widget=forms.Textarea({"rows": "4", "autocomplete": "off", **SECRET_ATTRS}),
        error_messages={"required": _("Paste the answer that the holders sent you.")},
    )
    office_words = forms.CharField(
        label=_("The six words of the office"),
        help_text=_("They are on the holders' sheets. Ask a holder to read them to you."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", **SECRET_ATTRS}),
        error_messages={"required": _("Type the six words of the office.")},
    )
    typed = forms.CharField(
        label=_("Type the new recovery code from your sheet"),
        help_text=_("Spaces, dashes and small letters do not matter."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", **SECRET_ATTRS}),
        error_messages={"required": _("Type the code from the sheet.")},
    )
    field_order = ("answer", "office_words", "words", "typed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = _("Your six new words, once more")
