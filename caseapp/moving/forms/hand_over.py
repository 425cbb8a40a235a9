"""Form of the hand-over of a person's own copy."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from caseapp.moving.forms.exports import is_shown_phrase
from caseapp.moving.services.hand_over import PAPER, STICK
from caseapp.ui.display import labels
from caseapp.ui.display.case_header import PersonChoice


class HandOverForm(forms.Form):
    """Receiver of the file, its medium, and the language of the sheet. `words`: of the page, for a stick."""

    party = forms.ChoiceField(label=_("Who gets the file"), error_messages={"required": _("Choose who gets the file.")})
    how = forms.ChoiceField(
        label=_("How is it given?"),
        choices=((PAPER, _("On paper")), (STICK, _("On a stick, encrypted with six words"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the file is given.")},
    )
    language = forms.ChoiceField(
        label=_("Language of the sheet and of the file"),
        choices=labels.choices_of(labels.TEXT_LANGUAGES),
        error_messages={"required": _("Choose a language.")},
    )
    words = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    has_receipt = forms.BooleanField(label=_("The person signed the receipt"), required=False)

    def __init__(self, *args: Any, people: tuple[PersonChoice, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["party"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(party), name) for party, name in people]

    def clean_words(self) -> str:
        """Return the six words; empty where the page showed none."""
        words = str(self.cleaned_data["words"])
        if words and not is_shown_phrase(words):
            raise ValidationError(_("The six words of this page are missing. Open it again."))
        return words
