"""Forms of conflict checks: asking about a person, and the officer's answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from caseapp.conflicts.services import content
from caseapp.conflicts.services.content import AskedPerson
from caseapp.index import text_keys
from caseapp.lib import clock
from caseapp.ui.display.labels import Labels
from caseapp.ui.forms.secret_fields import one_line

NAME_LIMIT = 200
EARLIEST_YEAR = 1900
RELATIONS: Labels = {
    content.CLIENT: _("Client, or may become one"),
    content.ADVERSE: _("Adverse party"),
    content.RELATIVE: _("Relative"),
    content.OTHER: _("Other"),
}
DECISIONS: Labels = {
    content.CLEARED: _("Cleared"),
    content.WAIVABLE: _("Waivable with informed written consent"),
    content.NOT_WAIVABLE: _("Not waivable"),
}
_QUIET = {"autocomplete": "off", "dir": "auto"}


class AskForm(forms.Form):
    """Form that asks the conflict officer about one person."""

    names = forms.CharField(
        label=_("Name, and other spellings, one a line"),
        max_length=NAME_LIMIT * content.MAX_NAMES,
        widget=forms.Textarea({**_QUIET, "rows": 2}),
        error_messages={"required": _("Enter a name.")},
    )
    relation = forms.ChoiceField(
        label=_("Who they are in this matter"),
        choices=list(RELATIONS.items()),
        error_messages={"required": _("Choose one of the offered values.")},
    )
    year = forms.IntegerField(
        label=_("Year of birth, if known"),
        required=False,
        min_value=EARLIEST_YEAR,
        widget=forms.NumberInput({**_QUIET, "inputmode": "numeric"}),
        error_messages={
            "invalid": _("Enter a year with four digits, for example 1987."),
            "min_value": _("Enter a year with four digits, for example 1987."),
        },
    )
    number = forms.CharField(
        label=_("A-Number or another number, if known"), max_length=40, required=False, widget=forms.TextInput(_QUIET)
    )
    phone = forms.CharField(
        label=_("Phone, if known"), max_length=40, required=False, widget=forms.TextInput({**_QUIET, "type": "tel"})
    )
    note = forms.CharField(
        label=_("Note to the conflict officer"),
        max_length=content.TEXT_LIMIT,
        required=False,
        widget=forms.Textarea({**_QUIET, "rows": 2}),
    )

    def clean_names(self) -> tuple[str, ...]:
        """Return the different spellings, at most eight. Raises ValidationError without a letter or digit."""
        lines = [line for line in self.cleaned_data["names"].splitlines() if line.strip()]
        return tuple(dict.fromkeys(one_line(line[:NAME_LIMIT]) for line in lines[: content.MAX_NAMES]))

    def clean_year(self) -> int | None:
        """Return the year. Raises ValidationError for one after this year."""
        year: int | None = self.cleaned_data["year"]
        if year is not None and year > clock.now().year:
            raise forms.ValidationError(_("This year is after today."))
        return year

    def person(self) -> AskedPerson:
        """Return the person who is asked about."""
        fields = self.cleaned_data
        number = text_keys.normalise_number(fields["number"])
        is_a_number = len(number) == 9 and number.isdigit()
        return AskedPerson(
            names=fields["names"],
            relation=fields["relation"],
            a_number=number if is_a_number else "",
            numbers=() if is_a_number or not number else (fields["number"],),
            phones=(fields["phone"],) if fields["phone"] else (),
            born=str(fields["year"]) if fields["year"] else "",
        )


class AnswerForm(forms.Form):
    """Form that answers a check."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=list(DECISIONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    sentence = forms.CharField(
        label=_("To the person who asked"),
        help_text=_("They read only this and the decision. Name no person and no case that they may not know of."),
        max_length=content.TEXT_LIMIT,
        required=False,
        widget=forms.Textarea({**_QUIET, "rows": 2}),
    )
    reason = forms.CharField(
        label=_("Reason, for the register"),
        help_text=_("Only conflict officers read it."),
        max_length=content.TEXT_LIMIT,
        widget=forms.Textarea({**_QUIET, "rows": 2}),
        error_messages={"required": _("Enter the reason.")},
    )
    shown = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=100_000, initial=0)

    def answer_values(self) -> dict[str, Any]:
        """Return the keyword arguments of the service."""
        return dict(self.cleaned_data)
