"""Forms of client contact: consent, calls, the office's gateway."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.clients.services.contact import NOTE_LIMIT, CallResult, NewConsent
from caseapp.lib.errors import Refused
from caseapp.lib.text import phones
from caseapp.records.consent import TOLD_US
from caseapp.reminders.choices import ADDRESS_LIMIT
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field

PLAIN_INPUT = {
    "autocomplete": "off",
    "autocapitalize": "none",
    "autocorrect": "off",
    "spellcheck": "false",
    "dir": "ltr",
}


class ConsentForm(forms.Form):
    """Consent to text reminders. `offered` are the client's safe phones, `country`: `Office.dialling_country`."""

    contact = forms.ChoiceField(
        label=gettext_lazy("Which phone"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a telephone that is marked safe.")},
    )
    detail = forms.ChoiceField(
        label=gettext_lazy("What the text says"),
        choices=labels.choices_of(labels.TEXT_DETAILS),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what the text says.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the texts"),
        choices=labels.choices_of(labels.TEXT_LANGUAGES),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the language of the texts.")},
    )
    asked_on = DateBoxes(label=gettext_lazy("Asked on"), what=gettext_lazy("the day they were asked"))
    asked_how = forms.ChoiceField(
        label=gettext_lazy("Asked how"),
        choices=labels.choices_of(labels.CONSENT_METHODS),
        error_messages={"required": gettext_lazy("Choose how the client was asked.")},
    )
    told_by = forms.CharField(
        label=gettext_lazy("Who said yes, if another person spoke for them"), required=False, max_length=LINE_LIMIT
    )
    until = DateBoxes(
        label=gettext_lazy("Only until"),
        what=gettext_lazy("the last day"),
        required=False,
        help_text=gettext_lazy("If they said so. Without it they can end it at any time."),
    )

    def __init__(self, *args: Any, offered: Sequence[str], country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["contact"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(text, _dialled_label(text, country)) for text in offered]

    def new_consent(self) -> NewConsent:
        """Return the consent as it was entered."""
        return NewConsent(**self.cleaned_data)


def _dialled_label(text: str, country: str) -> str:
    try:
        # Translators: a number in its written form, and as it will be dialled.
        return _("%(written)s, sent to %(number)s") % {
            "written": text,
            "number": phones.add_country_code(text, country=country),
        }
    except Refused:
        return text


class WithdrawForm(forms.Form):
    """Reason for withdrawing a consent. A STOP reply is recorded by the program."""

    how = forms.ChoiceField(
        label=gettext_lazy("How we know"),
        choices=[choice for choice in labels.choices_of(labels.WITHDRAWAL_REASONS) if choice[0] != "replaced"],
        initial=TOLD_US,
        error_messages={"required": gettext_lazy("Choose how we know.")},
    )


class CallForm(forms.Form):
    """Result of a call. `numbers` are the person's phones, `others` (id, name) of clients with the same hearing."""

    result = forms.ChoiceField(
        label=gettext_lazy("How did it end?"),
        choices=labels.choices_of(labels.CALL_RESULTS),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how the call ended.")},
    )
    contact = forms.ChoiceField(label=gettext_lazy("Number called"), required=False)
    also = forms.MultipleChoiceField(
        label=gettext_lazy("Who else heard the call"), widget=forms.CheckboxSelectMultiple, required=False
    )
    next_try_on = DateBoxes(
        label=gettext_lazy("Try again on"),
        what=gettext_lazy("the day of the next try"),
        required=False,
        help_text=gettext_lazy("If the client was not reached. If empty, the call stays on Today."),
    )
    note = long_text_field(gettext_lazy("Note"), limit=NOTE_LIMIT)

    def __init__(self, *args: Any, numbers: Sequence[str], others: Sequence[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contact, also = self.fields["contact"], self.fields["also"]
        assert isinstance(contact, forms.ChoiceField)
        assert isinstance(also, forms.MultipleChoiceField)
        contact.choices = [*((number, number) for number in numbers), ("", _("Another number"))]
        also.choices = [(str(party_id), name) for party_id, name in others]
        if not others:
            del self.fields["also"]

    def call_result(self) -> CallResult:
        """Return the result of the call."""
        also = tuple(UUID(party_id) for party_id in self.cleaned_data.get("also", ()))
        return CallResult(**{**self.cleaned_data, "also": also})


class GatewayForm(forms.Form):
    """Address of the office's gateway for texts."""

    address = forms.CharField(
        label=gettext_lazy("Address of the text company, with {to} for the number"),
        help_text=gettext_lazy(
            "For example twilio://SID:TOKEN@FROM/{to}. It contains a secret and is not shown again."
        ),
        max_length=ADDRESS_LIMIT,
        widget=forms.TextInput(PLAIN_INPUT),
        error_messages={"required": gettext_lazy("Enter the address.")},
    )


class GatewayTestForm(forms.Form):
    """Number to test the gateway with."""

    number = forms.CharField(
        label=gettext_lazy("Your own number, to try it"),
        max_length=40,
        widget=forms.TextInput({**PLAIN_INPUT, "inputmode": "tel"}),
        error_messages={"required": gettext_lazy("Enter a number, for example +1 212 555 0100.")},
    )
